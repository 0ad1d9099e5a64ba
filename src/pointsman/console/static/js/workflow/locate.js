/* Where in a JSON text a path such as `filters[0].targets[1].queue` stands. */

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|([^\s{}[\],:"]+))/gy;

/** The offset of the value, or of the nearest thing around it that is there. The text must be JSON. */
export function locate(text, path) {
  const wanted = ["task_routing", ...path.match(/[^.[\]]+/g)];
  let best = { depth: -1, offset: 0 };
  const stack = []; // what is open: a list with its next index, or an object with its present key
  let awaitsKey = false;
  const here = () => stack.map((each) => String(each.key));
  const value = (offset) => {
    const at = here();
    if (at.length <= wanted.length && at.length > best.depth && at.every((step, index) => step === wanted[index])) {
      best = { depth: at.length, offset };
    }
  };
  TOKEN.lastIndex = 0;
  for (let found; (found = TOKEN.exec(text)); ) {
    const [whole, sign, string] = found;
    const offset = TOKEN.lastIndex - whole.trimStart().length;
    const top = stack.at(-1);
    if (sign === "{" || sign === "[") {
      value(offset);
      stack.push({ isList: sign === "[", key: sign === "[" ? 0 : null });
      awaitsKey = sign === "{";
    } else if (sign === "}" || sign === "]") {
      stack.pop();
      awaitsKey = false;
    } else if (sign === ",") {
      if (top.isList) top.key += 1;
      else awaitsKey = true;
    } else if (string && awaitsKey) {
      top.key = JSON.parse(string);
      awaitsKey = false;
    } else if (sign !== ":") {
      value(offset);
    }
  }
  return best.offset;
}

export function lineAndColumn(text, offset) {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
