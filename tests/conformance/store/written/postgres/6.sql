CREATE TABLE public.account (
    sid text NOT NULL,
    auth_token text NOT NULL,
    friendly_name text NOT NULL,
    created_ms bigint NOT NULL,
    secondary_token text,
    owner text,
    updated_ms bigint
);
CREATE TABLE public.api_key (
    sid text NOT NULL,
    account text NOT NULL,
    secret_hash text NOT NULL,
    friendly_name text NOT NULL,
    created_ms bigint NOT NULL,
    updated_ms bigint NOT NULL,
    secret text,
    role text DEFAULT 'full'::text NOT NULL
);
CREATE TABLE public.attendance (
    workspace text NOT NULL,
    worker text NOT NULL,
    activity text
);
CREATE TABLE public.commit_log (
    workspace bigint NOT NULL,
    version bigint NOT NULL,
    token text NOT NULL,
    numbers bigint[] NOT NULL
);
CREATE TABLE public.delivery (
    workspace bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    url text NOT NULL,
    fallback_url text,
    task bigint,
    reservation bigint,
    created_ms bigint NOT NULL,
    due_ms bigint NOT NULL,
    verdict text,
    failed boolean NOT NULL,
    warning text,
    attempts text NOT NULL,
    finished_ms bigint
);
CREATE TABLE public.entity (
    workspace bigint NOT NULL,
    no bigint NOT NULL,
    kind text NOT NULL,
    sid text NOT NULL,
    live boolean NOT NULL,
    body text NOT NULL,
    task bigint,
    worker bigint,
    vanish_ms bigint,
    version bigint NOT NULL
)
WITH (fillfactor='80');
CREATE TABLE public.event (
    workspace bigint NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    at_ms bigint NOT NULL,
    body text NOT NULL,
    task bigint,
    worker bigint,
    reservation bigint,
    queue bigint,
    workflow bigint,
    channel bigint,
    age_s bigint,
    queue_age_s bigint,
    split_age_s bigint,
    previous bigint,
    spent_ms bigint,
    uncounted bigint
);
CREATE TABLE public.event_cursor (
    workspace bigint NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE public.roll_up (
    workspace bigint NOT NULL,
    seq bigint NOT NULL,
    seconds_from_s bigint NOT NULL
);
CREATE TABLE public.schema_version (
    version bigint NOT NULL,
    name text NOT NULL,
    applied timestamp with time zone
);
CREATE TABLE public.snapshot (
    workspace bigint NOT NULL,
    no bigint NOT NULL,
    text bigint NOT NULL,
    body text NOT NULL,
    until_ms bigint
);
CREATE TABLE public.tally (
    workspace bigint NOT NULL,
    size_s bigint NOT NULL,
    subject bigint NOT NULL,
    start_s bigint NOT NULL,
    channel bigint NOT NULL,
    type text NOT NULL,
    count bigint NOT NULL,
    age_s_total bigint,
    age_s_least bigint,
    age_s_greatest bigint,
    queue_age_s_total bigint,
    queue_age_s_least bigint,
    queue_age_s_greatest bigint
);
CREATE TABLE public.workspace (
    id bigint NOT NULL,
    sid text NOT NULL,
    account text NOT NULL,
    version bigint NOT NULL,
    token text NOT NULL,
    seq bigint NOT NULL,
    next_no bigint NOT NULL,
    now_ms bigint NOT NULL,
    deadline_ms bigint,
    deleted_ms bigint
)
WITH (fillfactor='50');
ALTER TABLE public.workspace ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.workspace_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO public.account VALUES ('AC1821e85e0468c9b3e70079dcfc8ec274', '00000000000000000000000000000000', 'My account', 1796076490663, NULL, NULL, NULL);
INSERT INTO public.api_key VALUES ('SKd108a5d2c904165a749701a22e8052a8', 'AC1821e85e0468c9b3e70079dcfc8ec274', 'ad9bae87429970d6daa647e72221625948e08bc9118aaef97efa72e0fc82c4ea', 'pages', 1796076491432, 1796076491432, '00000000000000000000000000000000', 'full');
INSERT INTO public.commit_log VALUES (1, 1, '2520bc0da2b01888b4f6cf8f8e1110ad', '{1,2,3,4,5,6,7,8,9}');
INSERT INTO public.commit_log VALUES (1, 2, '5ceb7d71e4c11f7731157680352c187d', '{10,11,12,13,14,15}');
INSERT INTO public.commit_log VALUES (1, 3, '069f996825705ce4984f066fd74f7e1a', '{10}');
INSERT INTO public.commit_log VALUES (1, 4, '5783f820e5c31a02e345db4123d50c0c', '{16}');
INSERT INTO public.commit_log VALUES (1, 5, 'ea523c44965c6aca3823ba5c6553f016', '{17,18}');
INSERT INTO public.commit_log VALUES (1, 6, '54fb8a440686382f85a48b2a3be2f55a', '{10,11,19,20}');
INSERT INTO public.commit_log VALUES (1, 7, '20a13c76d1ae839c6d08c12d66ac4a31', '{19,20}');
INSERT INTO public.commit_log VALUES (1, 8, '694815a9890f9d8e556f1fe8369549df', '{19,20}');
INSERT INTO public.commit_log VALUES (1, 9, '5070a2a88fa3e9d9e9f0d1fc06da7a34', '{17}');
INSERT INTO public.commit_log VALUES (1, 10, 'e6e690890771645180aa52ab5fdac40e', '{10,11,21,22}');
INSERT INTO public.commit_log VALUES (1, 11, 'e7d22dfc5fb6b54218bf6abef1f628c6', '{21,22}');
INSERT INTO public.delivery VALUES (1, 'assignment', 28, 'http://127.0.0.1:9/offers', NULL, 21, 22, 1796076491765, 1796076521765, 'failed', true, 'the reservation was canceled, and its task will be offered again after a pause', '[{"url":"http://127.0.0.1:9/offers","at_ms":1796076491770,"took_ms":13,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]', 1796076491827);
INSERT INTO public.entity VALUES (1, 1, 'workspace', 'WS005d6947baa3b18eda8901a22e80523a', true, '{"type":"workspace","no":1,"sid":"WS005d6947baa3b18eda8901a22e80523a","created_ms":1796076491322,"updated_ms":1796076491322,"account_sid":"AC1821e85e0468c9b3e70079dcfc8ec274","friendly_name":"kept","default_activity":2,"timeout_activity":2}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 2, 'activity', 'WAc8ac960e3a4bad8d5ce0000000000002', true, '{"type":"activity","no":2,"sid":"WAc8ac960e3a4bad8d5ce0000000000002","created_ms":1796076491322,"updated_ms":1796076491322,"friendly_name":"Offline"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 3, 'activity', 'WA6d4bceb0faecc13de34d000000000003', true, '{"type":"activity","no":3,"sid":"WA6d4bceb0faecc13de34d000000000003","created_ms":1796076491322,"updated_ms":1796076491322,"friendly_name":"Available","available":true}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 4, 'activity', 'WA4799f153319f0adbd139000000000004', true, '{"type":"activity","no":4,"sid":"WA4799f153319f0adbd139000000000004","created_ms":1796076491322,"updated_ms":1796076491322,"friendly_name":"Unavailable"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 5, 'task_channel', 'TCc2a88fe3e73bd0faa8c4000000000005', true, '{"type":"task_channel","no":5,"sid":"TCc2a88fe3e73bd0faa8c4000000000005","created_ms":1796076491322,"updated_ms":1796076491322,"friendly_name":"Default","unique_name":"default"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 6, 'task_channel', 'TC76bbd4297dee0176b8bc000000000006', true, '{"type":"task_channel","no":6,"sid":"TC76bbd4297dee0176b8bc000000000006","created_ms":1796076491322,"updated_ms":1796076491322,"friendly_name":"Voice","unique_name":"voice"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 7, 'task_channel', 'TC0d6998a90308bd665a24000000000007', true, '{"type":"task_channel","no":7,"sid":"TC0d6998a90308bd665a24000000000007","created_ms":1796076491322,"updated_ms":1796076491322,"friendly_name":"Chat","unique_name":"chat"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 8, 'task_channel', 'TCb964897ce6ca1a0deea5000000000008', true, '{"type":"task_channel","no":8,"sid":"TCb964897ce6ca1a0deea5000000000008","created_ms":1796076491322,"updated_ms":1796076491322,"friendly_name":"SMS","unique_name":"sms"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 9, 'task_channel', 'TCe1fbac34a369e4949cf9000000000009', true, '{"type":"task_channel","no":9,"sid":"TCe1fbac34a369e4949cf9000000000009","created_ms":1796076491322,"updated_ms":1796076491322,"friendly_name":"Video","unique_name":"video"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 12, 'worker_channel', 'WCe797a5b01a7caa20ca0100000000000c', true, '{"type":"worker_channel","no":12,"sid":"WCe797a5b01a7caa20ca0100000000000c","created_ms":1796076491467,"updated_ms":1796076491467,"worker":10,"channel":6}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 13, 'worker_channel', 'WC735056abd66f5de99a0000000000000d', true, '{"type":"worker_channel","no":13,"sid":"WC735056abd66f5de99a0000000000000d","created_ms":1796076491467,"updated_ms":1796076491467,"worker":10,"channel":7}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 14, 'worker_channel', 'WCcaeff57fdec92779cd3c00000000000e', true, '{"type":"worker_channel","no":14,"sid":"WCcaeff57fdec92779cd3c00000000000e","created_ms":1796076491467,"updated_ms":1796076491467,"worker":10,"channel":8}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 15, 'worker_channel', 'WCd216aa99b7860ce6a4db00000000000f', true, '{"type":"worker_channel","no":15,"sid":"WCd216aa99b7860ce6a4db00000000000f","created_ms":1796076491467,"updated_ms":1796076491467,"worker":10,"channel":9}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 10, 'worker', 'WK243cfbc6bfb1af1d05a600000000000a', true, '{"type":"worker","no":10,"sid":"WK243cfbc6bfb1af1d05a600000000000a","created_ms":1796076491467,"updated_ms":1796076491511,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796076491467,"version":4,"last_reserved":22}', NULL, NULL, NULL, 10);
INSERT INTO public.entity VALUES (1, 16, 'task_queue', 'WQ0fc165e3fbe4a5d133b2000000000010', true, '{"type":"task_queue","no":16,"sid":"WQ0fc165e3fbe4a5d133b2000000000010","created_ms":1796076491640,"updated_ms":1796076491640,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}', NULL, NULL, NULL, 4);
INSERT INTO public.entity VALUES (1, 18, 'configuration', 'XC0279d73205d993719ded000000000012', true, '{"type":"configuration","no":18,"sid":"XC0279d73205d993719ded000000000012","created_ms":1796076491659,"updated_ms":1796076491659,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQ0fc165e3fbe4a5d133b2000000000010\"}}}"}', NULL, NULL, NULL, 5);
INSERT INTO public.entity VALUES (1, 17, 'workflow', 'WWae4aaa21d7ba9f29a11f000000000011', true, '{"type":"workflow","no":17,"sid":"WWae4aaa21d7ba9f29a11f000000000011","created_ms":1796076491659,"updated_ms":1796076491758,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}', NULL, NULL, NULL, 9);
INSERT INTO public.entity VALUES (1, 11, 'worker_channel', 'WC666673d84c9741b4ec0f00000000000b', true, '{"type":"worker_channel","no":11,"sid":"WC666673d84c9741b4ec0f00000000000b","created_ms":1796076491467,"updated_ms":1796076491467,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796076491765}', NULL, NULL, NULL, 10);
INSERT INTO public.entity VALUES (1, 19, 'task', 'WTbecf54637458491b1de5000000000013', false, '{"type":"task","no":19,"sid":"WTbecf54637458491b1de5000000000013","created_ms":1796076491695,"updated_ms":1796076491739,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076491695,"place":[18,-1,0,1796076491695,0],"timeout_s":86400,"virtual_start_ms":1796076491695,"reason":"done","version":3,"rounds":1,"assigned_ms":1796076491719,"ended_ms":1796076491739}', NULL, NULL, 1796076791739, 8);
INSERT INTO public.entity VALUES (1, 20, 'reservation', 'WRa1a8e29b7277e273409b000000000014', false, '{"type":"reservation","no":20,"sid":"WRa1a8e29b7277e273409b000000000014","created_ms":1796076491695,"updated_ms":1796076491739,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796076611695,"previous_activity":3,"ended_ms":1796076491739}', 19, 10, NULL, 8);
INSERT INTO public.entity VALUES (1, 21, 'task', 'WT96436afdc5c68a7506c4000000000015', true, '{"type":"task","no":21,"sid":"WT96436afdc5c68a7506c4000000000015","created_ms":1796076491765,"updated_ms":1796076491792,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076491765,"place":[18,-1,0,1796076491765,0],"timeout_s":86400,"virtual_start_ms":1796076491765,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796076492792}', NULL, NULL, NULL, 11);
INSERT INTO public.entity VALUES (1, 22, 'reservation', 'WR5a810f5c684b572f5d1a000000000016', false, '{"type":"reservation","no":22,"sid":"WR5a810f5c684b572f5d1a000000000016","created_ms":1796076491765,"updated_ms":1796076491792,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796076611765,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796076491792}', 21, 10, NULL, 11);
INSERT INTO public.event VALUES (1, 1, 'workspace.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"}}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 2, 'activity.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"},"activity":[2,0]}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 3, 'activity.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"},"activity":[3,0]}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 4, 'activity.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"},"activity":[4,0]}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 5, 'task-channel.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[5,0]}', NULL, NULL, NULL, NULL, NULL, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 6, 'task-channel.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[6,0]}', NULL, NULL, NULL, NULL, NULL, 6, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 7, 'task-channel.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[7,0]}', NULL, NULL, NULL, NULL, NULL, 7, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 8, 'task-channel.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[8,0]}', NULL, NULL, NULL, NULL, NULL, 8, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 9, 'task-channel.created', 1796076491322, '{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[9,0]}', NULL, NULL, NULL, NULL, NULL, 9, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 10, 'worker.created', 1796076491467, '{"origin":{"kind":"account","address":"127.0.0.1"},"worker":{"no":10,"version":1,"activity":[3,0],"created_ms":1796076491467,"since_ms":1796076491467}}', NULL, 10, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 11, 'worker.attributes.update', 1796076491511, '{"origin":{"kind":"account","address":"127.0.0.1"},"worker":{"no":10,"text":1,"version":2,"activity":[3,0],"created_ms":1796076491467,"since_ms":1796076491467}}', NULL, 10, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 12, 'task-queue.created', 1796076491640, '{"origin":{"kind":"account","address":"127.0.0.1"},"queue":[16,0]}', NULL, NULL, NULL, 16, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 13, 'workflow.created', 1796076491659, '{"origin":{"kind":"account","address":"127.0.0.1"},"workflow":[17,0]}', NULL, NULL, NULL, NULL, 17, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 14, 'task.created', 1796076491695, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"pending","created_ms":1796076491695,"entered_ms":1796076491695},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 15, 'workflow.entered', 1796076491695, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"pending","created_ms":1796076491695,"entered_ms":1796076491695},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 16, 'workflow.target-matched', 1796076491695, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"pending","created_ms":1796076491695,"entered_ms":1796076491695},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 17, 'task-queue.entered', 1796076491695, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"pending","created_ms":1796076491695,"entered_ms":1796076491695},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 18, 'reservation.created', 1796076491695, '{"task":{"no":19,"status":"reserved","version":1,"created_ms":1796076491695,"entered_ms":1796076491695},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRa1a8e29b7277e273409b000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, 10, 20, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 19, 'reservation.accepted', 1796076491719, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"assigned","version":2,"created_ms":1796076491695,"entered_ms":1796076491695},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRa1a8e29b7277e273409b000000000014","version":1,"age_ms":24},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}', 19, 10, 20, 16, 17, 5, 0, 0, 0, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 20, 'task.completed', 1796076491739, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"completed","version":3,"created_ms":1796076491695,"entered_ms":1796076491695,"reason":"done"},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}', 19, 10, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 21, 'reservation.completed', 1796076491739, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"completed","version":3,"created_ms":1796076491695,"entered_ms":1796076491695,"reason":"done"},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRa1a8e29b7277e273409b000000000014","version":2,"age_ms":44},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, 10, 20, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 22, 'task.updated', 1796076491739, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"completed","version":3,"created_ms":1796076491695,"entered_ms":1796076491695,"reason":"done"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 23, 'workflow.updated', 1796076491758, '{"origin":{"kind":"account","address":"127.0.0.1"},"workflow":[17,0]}', NULL, NULL, NULL, NULL, 17, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 24, 'task.created', 1796076491765, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":21,"status":"pending","created_ms":1796076491765,"entered_ms":1796076491765},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 25, 'workflow.entered', 1796076491765, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":21,"status":"pending","created_ms":1796076491765,"entered_ms":1796076491765},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 26, 'workflow.target-matched', 1796076491765, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":21,"status":"pending","created_ms":1796076491765,"entered_ms":1796076491765},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 27, 'task-queue.entered', 1796076491765, '{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":21,"status":"pending","created_ms":1796076491765,"entered_ms":1796076491765},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 28, 'reservation.created', 1796076491765, '{"task":{"no":21,"status":"reserved","version":1,"created_ms":1796076491765,"entered_ms":1796076491765},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR5a810f5c684b572f5d1a000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, 10, 22, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 29, 'reservation.canceled', 1796076491792, '{"origin":{"source":"callback"},"task":{"no":21,"status":"pending","version":2,"created_ms":1796076491765,"entered_ms":1796076491765},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR5a810f5c684b572f5d1a000000000016","version":1,"reason_code":0,"age_ms":27},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, 10, 22, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 30, 'workflow.target-matched', 1796076491792, '{"origin":{"source":"callback"},"task":{"no":21,"status":"pending","version":2,"created_ms":1796076491765,"entered_ms":1796076491765},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, 16, NULL, NULL);
INSERT INTO public.event_cursor VALUES (1, 0);
INSERT INTO public.schema_version VALUES (1, 'first', '2026-11-30 22:08:10.328745+00');
INSERT INTO public.schema_version VALUES (2, 'credentials', '2026-11-30 22:08:10.328745+00');
INSERT INTO public.schema_version VALUES (3, 'statistics', '2026-11-30 22:08:10.328745+00');
INSERT INTO public.schema_version VALUES (4, 'retention', '2026-11-30 22:08:10.328745+00');
INSERT INTO public.schema_version VALUES (5, 'sockets', '2026-11-30 22:08:10.328745+00');
INSERT INTO public.schema_version VALUES (6, 'roles', '2026-11-30 22:08:10.328745+00');
INSERT INTO public.snapshot VALUES (1, 1, 0, '{"sid":"WS005d6947baa3b18eda8901a22e80523a","name":"kept"}', NULL);
INSERT INTO public.snapshot VALUES (1, 2, 0, '{"sid":"WAc8ac960e3a4bad8d5ce0000000000002","name":"Offline","available":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 3, 0, '{"sid":"WA6d4bceb0faecc13de34d000000000003","name":"Available","available":true}', NULL);
INSERT INTO public.snapshot VALUES (1, 4, 0, '{"sid":"WA4799f153319f0adbd139000000000004","name":"Unavailable","available":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 5, 0, '{"sid":"TCc2a88fe3e73bd0faa8c4000000000005","name":"Default","unique_name":"default","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 6, 0, '{"sid":"TC76bbd4297dee0176b8bc000000000006","name":"Voice","unique_name":"voice","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 7, 0, '{"sid":"TC0d6998a90308bd665a24000000000007","name":"Chat","unique_name":"chat","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 8, 0, '{"sid":"TCb964897ce6ca1a0deea5000000000008","name":"SMS","unique_name":"sms","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 9, 0, '{"sid":"TCe1fbac34a369e4949cf9000000000009","name":"Video","unique_name":"video","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 10, 1, '{"sid":"WK243cfbc6bfb1af1d05a600000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}', NULL);
INSERT INTO public.snapshot VALUES (1, 10, 0, '{"sid":"WK243cfbc6bfb1af1d05a600000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}', 1796076491511);
INSERT INTO public.snapshot VALUES (1, 16, 0, '{"sid":"WQ0fc165e3fbe4a5d133b2000000000010","name":"cats","expression":"skills HAS \"cats\""}', NULL);
INSERT INTO public.snapshot VALUES (1, 17, 0, '{"sid":"WWae4aaa21d7ba9f29a11f000000000011","name":"all"}', NULL);
INSERT INTO public.snapshot VALUES (1, 19, 0, '{"sid":"WTbecf54637458491b1de5000000000013","attributes":"{\"cat\":\"Tom\"}"}', NULL);
INSERT INTO public.snapshot VALUES (1, 21, 0, '{"sid":"WT96436afdc5c68a7506c4000000000015","attributes":"{\"cat\":\"Tom\"}"}', NULL);
INSERT INTO public.workspace OVERRIDING SYSTEM VALUE VALUES (1, 'WS005d6947baa3b18eda8901a22e80523a', 'AC1821e85e0468c9b3e70079dcfc8ec274', 11, 'e7d22dfc5fb6b54218bf6abef1f628c6', 30, 23, 1796076491792, 1796076492792, NULL);
SELECT pg_catalog.setval('public.workspace_id_seq', 1, true);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (sid);
ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (sid);
ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_pkey PRIMARY KEY (workspace, worker);
ALTER TABLE ONLY public.commit_log
    ADD CONSTRAINT commit_log_pkey PRIMARY KEY (workspace, version);
ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (workspace, seq, kind);
ALTER TABLE ONLY public.entity
    ADD CONSTRAINT entity_pkey PRIMARY KEY (workspace, no);
ALTER TABLE ONLY public.event_cursor
    ADD CONSTRAINT event_cursor_pkey PRIMARY KEY (workspace);
ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (workspace, seq);
ALTER TABLE ONLY public.roll_up
    ADD CONSTRAINT roll_up_pkey PRIMARY KEY (workspace);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.snapshot
    ADD CONSTRAINT snapshot_pkey PRIMARY KEY (workspace, no, text);
ALTER TABLE ONLY public.tally
    ADD CONSTRAINT tally_pkey PRIMARY KEY (workspace, size_s, subject, start_s, channel, type);
ALTER TABLE ONLY public.workspace
    ADD CONSTRAINT workspace_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workspace
    ADD CONSTRAINT workspace_sid_key UNIQUE (sid);
CREATE INDEX delivery_by_task ON public.delivery USING btree (workspace, task, seq, kind) WHERE (task IS NOT NULL);
CREATE INDEX delivery_due ON public.delivery USING btree (due_ms) WHERE ((verdict IS NULL) AND (kind = 'assignment'::text));
CREATE INDEX delivery_failed ON public.delivery USING btree (workspace, seq, kind) WHERE failed;
CREATE INDEX delivery_finished ON public.delivery USING btree (finished_ms) WHERE (finished_ms IS NOT NULL);
CREATE INDEX delivery_unfinished ON public.delivery USING btree (workspace) WHERE (verdict IS NULL);
CREATE INDEX entity_ended_by_task ON public.entity USING btree (workspace, task, no) WHERE ((NOT live) AND (task IS NOT NULL));
CREATE INDEX entity_ended_by_worker ON public.entity USING btree (workspace, worker, no) WHERE ((NOT live) AND (worker IS NOT NULL));
CREATE INDEX entity_ended_other ON public.entity USING btree (workspace, no) WHERE ((NOT live) AND (task IS NULL));
CREATE INDEX entity_vanish ON public.entity USING btree (vanish_ms) WHERE (vanish_ms IS NOT NULL);
CREATE INDEX event_by_reservation ON public.event USING btree (workspace, reservation, seq) WHERE (reservation IS NOT NULL);
CREATE INDEX event_by_task ON public.event USING btree (workspace, task, seq) WHERE (task IS NOT NULL);
CREATE INDEX event_by_worker ON public.event USING btree (workspace, worker, seq) WHERE (worker IS NOT NULL);
CREATE INDEX event_stays ON public.event USING btree (workspace, seq, worker, previous, at_ms, spent_ms) WHERE (spent_ms IS NOT NULL);
CREATE INDEX event_waits ON public.event USING btree (workspace, seq, type, at_ms, queue, workflow, channel, split_age_s) WHERE (split_age_s IS NOT NULL);
CREATE INDEX snapshot_until ON public.snapshot USING btree (workspace, until_ms) WHERE (until_ms IS NOT NULL);
CREATE INDEX tally_by_time ON public.tally USING btree (workspace, size_s, start_s);
