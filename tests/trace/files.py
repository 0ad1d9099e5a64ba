"""The files in which rules are tested."""

from tests.trace.rules import tests_in

_ENGINE = "tests/unit/core/engine/test_"
_EXPRESSION = "tests/unit/core/expression/test_"

census = tests_in(f"{_ENGINE}census.py")
configuration = tests_in(f"{_ENGINE}configuration_of_a_workspace.py")
membership = tests_in(f"{_ENGINE}membership.py")
order = tests_in(f"{_ENGINE}order.py")
reservations = tests_in(f"{_ENGINE}reservations.py")
state_and_step = tests_in(f"{_ENGINE}state_and_step.py")
tasks = tests_in(f"{_ENGINE}tasks.py")
transfers = tests_in(f"{_ENGINE}transfers.py")
travel = tests_in(f"{_ENGINE}travel.py")
workers = tests_in(f"{_ENGINE}workers_and_capacity.py")

of_the_model = tests_in(f"{_ENGINE}rules_of_the_model.py")
of_order = tests_in(f"{_ENGINE}rules_of_order.py")
of_reservations = tests_in(f"{_ENGINE}rules_of_reservations.py")
of_tasks = tests_in(f"{_ENGINE}rules_of_tasks.py")
of_workflows = tests_in(f"{_ENGINE}rules_of_workflows.py")
of_expressions = tests_in(f"{_EXPRESSION}rules_of_expressions.py")
of_values = tests_in("tests/unit/wire/test_rules_of_values.py")

contexts = tests_in(f"{_EXPRESSION}expression_contexts.py")
errors = tests_in(f"{_EXPRESSION}expression_errors.py")
operators = tests_in(f"{_EXPRESSION}expression_operators.py")
ordering = tests_in(f"{_EXPRESSION}expression_ordering.py")
clock = tests_in(f"{_EXPRESSION}expression_clock.py")
explained = tests_in("tests/unit/core/explain/test_placing.py")
explained_workers = tests_in("tests/unit/core/explain/test_workers.py")
linted = tests_in("tests/unit/core/lint/test_rules.py")
path = tests_in("tests/unit/core/workflow/test_path.py")
rules = tests_in("tests/unit/core/workflow/test_rules.py")

forms = tests_in("tests/unit/wire/test_forms.py")
kinds = tests_in("tests/unit/resources/test_types.py")
replies = tests_in("tests/unit/webhooks/test_assignment_replies.py")
ended = tests_in("tests/conformance/store/test_ended.py")
runtime = tests_in("tests/unit/runtime/test_workspaces.py")
figures = tests_in("tests/unit/stats/test_real_time.py")
figures_by_hand = tests_in("tests/conformance/store/test_statistics_by_hand.py")
figures_beside_a_plain_look = tests_in("tests/simulation/test_figures_of_now.py")
simulation = tests_in("tests/simulation/test_random_commands.py")
lists = tests_in("tests/acceptance/test_lists.py")
library = tests_in("tests/acceptance/test_python_library.py")
quickstart = tests_in("tests/acceptance/test_quickstart.py")
