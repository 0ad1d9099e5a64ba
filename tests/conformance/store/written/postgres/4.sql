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
    updated_ms bigint NOT NULL
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
INSERT INTO public.account VALUES ('AC4ad819add1ce7d5612c24d079992734b', '00000000000000000000000000000000', 'My account', 1796076527512, NULL, NULL, NULL);
INSERT INTO public.commit_log VALUES (1, 1, '56b6d23a20128fa7ca8b822524eff126', '{1,2,3,4,5,6,7,8,9}');
INSERT INTO public.commit_log VALUES (1, 2, 'e809ad4c7dba19fbee54040328027289', '{10,11,12,13,14,15}');
INSERT INTO public.commit_log VALUES (1, 3, '37316db7cc015256a0c0376ac732cf3a', '{10}');
INSERT INTO public.commit_log VALUES (1, 4, '0dfc60bb1a8f98e98c82184a0a187c93', '{16}');
INSERT INTO public.commit_log VALUES (1, 5, 'b63041e4d769e9fbe9a898eb2f19c2e5', '{17,18}');
INSERT INTO public.commit_log VALUES (1, 6, 'c7a5fa3b6d8ddbf2a18ac34bb91e3d59', '{10,11,19,20}');
INSERT INTO public.commit_log VALUES (1, 7, '4e07f46b675a1f20fc50db5e56fc4b19', '{19,20}');
INSERT INTO public.commit_log VALUES (1, 8, 'b696c4626510ef7be69814a764a19a33', '{19,20}');
INSERT INTO public.commit_log VALUES (1, 9, '945054cab809f5a4811860127f21f0fc', '{17}');
INSERT INTO public.commit_log VALUES (1, 10, 'bfc11def3239264a37d0cfef921f2455', '{10,11,21,22}');
INSERT INTO public.commit_log VALUES (1, 11, '5660c7884aa4059e4e97ccf2e2852ff0', '{21,22}');
INSERT INTO public.delivery VALUES (1, 'assignment', 28, 'http://127.0.0.1:9/offers', NULL, 21, 22, 1796076528196, 1796076558196, 'failed', true, 'the reservation was canceled, and its task will be offered again after a pause', '[{"url":"http://127.0.0.1:9/offers","at_ms":1796076528204,"took_ms":1,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]', 1796076528211);
INSERT INTO public.entity VALUES (1, 1, 'workspace', 'WSafea076b21f6ae68b70401a22e80e118', true, '{"type":"workspace","no":1,"sid":"WSafea076b21f6ae68b70401a22e80e118","created_ms":1796076527896,"updated_ms":1796076527896,"account_sid":"AC4ad819add1ce7d5612c24d079992734b","friendly_name":"kept","default_activity":2,"timeout_activity":2}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 2, 'activity', 'WAf3723414262236ad9b1a000000000002', true, '{"type":"activity","no":2,"sid":"WAf3723414262236ad9b1a000000000002","created_ms":1796076527896,"updated_ms":1796076527896,"friendly_name":"Offline"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 3, 'activity', 'WA957a4727128cf0bcb71f000000000003', true, '{"type":"activity","no":3,"sid":"WA957a4727128cf0bcb71f000000000003","created_ms":1796076527896,"updated_ms":1796076527896,"friendly_name":"Available","available":true}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 4, 'activity', 'WAea67cf2df3c2d97c903f000000000004', true, '{"type":"activity","no":4,"sid":"WAea67cf2df3c2d97c903f000000000004","created_ms":1796076527896,"updated_ms":1796076527896,"friendly_name":"Unavailable"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 5, 'task_channel', 'TCffbcf4c832f3607be1a1000000000005', true, '{"type":"task_channel","no":5,"sid":"TCffbcf4c832f3607be1a1000000000005","created_ms":1796076527896,"updated_ms":1796076527896,"friendly_name":"Default","unique_name":"default"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 6, 'task_channel', 'TC41a5d9580aa950afc0ab000000000006', true, '{"type":"task_channel","no":6,"sid":"TC41a5d9580aa950afc0ab000000000006","created_ms":1796076527896,"updated_ms":1796076527896,"friendly_name":"Voice","unique_name":"voice"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 7, 'task_channel', 'TC3b6eea2f30b33c581589000000000007', true, '{"type":"task_channel","no":7,"sid":"TC3b6eea2f30b33c581589000000000007","created_ms":1796076527896,"updated_ms":1796076527896,"friendly_name":"Chat","unique_name":"chat"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 8, 'task_channel', 'TCe4c4445a60f6d75b09a8000000000008', true, '{"type":"task_channel","no":8,"sid":"TCe4c4445a60f6d75b09a8000000000008","created_ms":1796076527896,"updated_ms":1796076527896,"friendly_name":"SMS","unique_name":"sms"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 9, 'task_channel', 'TCc322d07fd629b4d7cec1000000000009', true, '{"type":"task_channel","no":9,"sid":"TCc322d07fd629b4d7cec1000000000009","created_ms":1796076527896,"updated_ms":1796076527896,"friendly_name":"Video","unique_name":"video"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 12, 'worker_channel', 'WCccd04acb8670c73ca8a600000000000c', true, '{"type":"worker_channel","no":12,"sid":"WCccd04acb8670c73ca8a600000000000c","created_ms":1796076527947,"updated_ms":1796076527947,"worker":10,"channel":6}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 13, 'worker_channel', 'WCed320c0b1d6ef42b59e500000000000d', true, '{"type":"worker_channel","no":13,"sid":"WCed320c0b1d6ef42b59e500000000000d","created_ms":1796076527947,"updated_ms":1796076527947,"worker":10,"channel":7}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 14, 'worker_channel', 'WC91f63c0ebe5fd86553a400000000000e', true, '{"type":"worker_channel","no":14,"sid":"WC91f63c0ebe5fd86553a400000000000e","created_ms":1796076527947,"updated_ms":1796076527947,"worker":10,"channel":8}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 15, 'worker_channel', 'WC408ee15ce7f40fcbab6500000000000f', true, '{"type":"worker_channel","no":15,"sid":"WC408ee15ce7f40fcbab6500000000000f","created_ms":1796076527947,"updated_ms":1796076527947,"worker":10,"channel":9}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 10, 'worker', 'WK4f0506ff2e912b0ef84d00000000000a', true, '{"type":"worker","no":10,"sid":"WK4f0506ff2e912b0ef84d00000000000a","created_ms":1796076527947,"updated_ms":1796076527964,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796076527947,"version":4,"last_reserved":22}', NULL, NULL, NULL, 10);
INSERT INTO public.entity VALUES (1, 16, 'task_queue', 'WQe6ad609a7030338cca42000000000010', true, '{"type":"task_queue","no":16,"sid":"WQe6ad609a7030338cca42000000000010","created_ms":1796076528095,"updated_ms":1796076528095,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}', NULL, NULL, NULL, 4);
INSERT INTO public.entity VALUES (1, 18, 'configuration', 'XCb2882d3e6cdd9a8182fe000000000012', true, '{"type":"configuration","no":18,"sid":"XCb2882d3e6cdd9a8182fe000000000012","created_ms":1796076528113,"updated_ms":1796076528113,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQe6ad609a7030338cca42000000000010\"}}}"}', NULL, NULL, NULL, 5);
INSERT INTO public.entity VALUES (1, 17, 'workflow', 'WW8207030d8267b0bb80f1000000000011', true, '{"type":"workflow","no":17,"sid":"WW8207030d8267b0bb80f1000000000011","created_ms":1796076528113,"updated_ms":1796076528192,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}', NULL, NULL, NULL, 9);
INSERT INTO public.entity VALUES (1, 11, 'worker_channel', 'WC0eb11e0f3348620ca31800000000000b', true, '{"type":"worker_channel","no":11,"sid":"WC0eb11e0f3348620ca31800000000000b","created_ms":1796076527947,"updated_ms":1796076527947,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796076528196}', NULL, NULL, NULL, 10);
INSERT INTO public.entity VALUES (1, 19, 'task', 'WTf79b1ad64ab82a770682000000000013', false, '{"type":"task","no":19,"sid":"WTf79b1ad64ab82a770682000000000013","created_ms":1796076528139,"updated_ms":1796076528185,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076528139,"place":[18,-1,0,1796076528139,0],"timeout_s":86400,"virtual_start_ms":1796076528139,"reason":"done","version":3,"rounds":1,"assigned_ms":1796076528155,"ended_ms":1796076528185}', NULL, NULL, 1796076828185, 8);
INSERT INTO public.entity VALUES (1, 20, 'reservation', 'WR2a670a9bd1a71d0c72ee000000000014', false, '{"type":"reservation","no":20,"sid":"WR2a670a9bd1a71d0c72ee000000000014","created_ms":1796076528139,"updated_ms":1796076528185,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796076648139,"previous_activity":3,"ended_ms":1796076528185}', 19, 10, NULL, 8);
INSERT INTO public.entity VALUES (1, 21, 'task', 'WT7eb7739289d2572d26e7000000000015', true, '{"type":"task","no":21,"sid":"WT7eb7739289d2572d26e7000000000015","created_ms":1796076528196,"updated_ms":1796076528206,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076528196,"place":[18,-1,0,1796076528196,0],"timeout_s":86400,"virtual_start_ms":1796076528196,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796076529206}', NULL, NULL, NULL, 11);
INSERT INTO public.entity VALUES (1, 22, 'reservation', 'WR742ea347d427731f9570000000000016', false, '{"type":"reservation","no":22,"sid":"WR742ea347d427731f9570000000000016","created_ms":1796076528196,"updated_ms":1796076528206,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796076648196,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796076528206}', 21, 10, NULL, 11);
INSERT INTO public.event VALUES (1, 1, 'workspace.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0]}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 2, 'activity.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[2,0]}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 3, 'activity.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[3,0]}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 4, 'activity.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[4,0]}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 5, 'task-channel.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[5,0]}', NULL, NULL, NULL, NULL, NULL, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 6, 'task-channel.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[6,0]}', NULL, NULL, NULL, NULL, NULL, 6, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 7, 'task-channel.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[7,0]}', NULL, NULL, NULL, NULL, NULL, 7, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 8, 'task-channel.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[8,0]}', NULL, NULL, NULL, NULL, NULL, 8, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 9, 'task-channel.created', 1796076527896, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[9,0]}', NULL, NULL, NULL, NULL, NULL, 9, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 10, 'worker.created', 1796076527947, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"version":1,"activity":[3,0]}}', NULL, 10, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 11, 'worker.attributes.update', 1796076527964, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"text":1,"version":2,"activity":[3,0]}}', NULL, 10, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 12, 'task-queue.created', 1796076528095, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"queue":[16,0]}', NULL, NULL, NULL, 16, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 13, 'workflow.created', 1796076528113, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}', NULL, NULL, NULL, NULL, 17, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 14, 'task.created', 1796076528139, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076528139,"entered_ms":1796076528139},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 15, 'workflow.entered', 1796076528139, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076528139,"entered_ms":1796076528139},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 16, 'workflow.target-matched', 1796076528139, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076528139,"entered_ms":1796076528139},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 17, 'task-queue.entered', 1796076528139, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076528139,"entered_ms":1796076528139},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 18, 'reservation.created', 1796076528139, '{"workspace":[1,0],"task":{"no":19,"status":"reserved","version":1,"created_ms":1796076528139,"entered_ms":1796076528139},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR2a670a9bd1a71d0c72ee000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, 10, 20, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 19, 'reservation.accepted', 1796076528155, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"assigned","version":2,"created_ms":1796076528139,"entered_ms":1796076528139},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR2a670a9bd1a71d0c72ee000000000014","version":1},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}', 19, 10, 20, 16, 17, 5, 0, 0, 0, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 20, 'task.completed', 1796076528185, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076528139,"entered_ms":1796076528139},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}', 19, 10, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 21, 'reservation.completed', 1796076528185, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076528139,"entered_ms":1796076528139},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR2a670a9bd1a71d0c72ee000000000014","version":2},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, 10, 20, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 22, 'task.updated', 1796076528185, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076528139,"entered_ms":1796076528139},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 23, 'workflow.updated', 1796076528192, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}', NULL, NULL, NULL, NULL, 17, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 24, 'task.created', 1796076528196, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076528196,"entered_ms":1796076528196},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 25, 'workflow.entered', 1796076528196, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076528196,"entered_ms":1796076528196},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 26, 'workflow.target-matched', 1796076528196, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076528196,"entered_ms":1796076528196},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 27, 'task-queue.entered', 1796076528196, '{"origin":{"actor":"AC4ad819add1ce7d5612c24d079992734b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076528196,"entered_ms":1796076528196},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 28, 'reservation.created', 1796076528196, '{"workspace":[1,0],"task":{"no":21,"status":"reserved","version":1,"created_ms":1796076528196,"entered_ms":1796076528196},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR742ea347d427731f9570000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, 10, 22, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 29, 'reservation.canceled', 1796076528206, '{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796076528196,"entered_ms":1796076528196},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR742ea347d427731f9570000000000016","version":1,"reason_code":0},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, 10, 22, 16, 17, 5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 30, 'workflow.target-matched', 1796076528206, '{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796076528196,"entered_ms":1796076528196},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}', 21, NULL, NULL, 16, 17, 5, NULL, NULL, NULL, 16, NULL, NULL);
INSERT INTO public.event_cursor VALUES (1, 0);
INSERT INTO public.schema_version VALUES (1, 'first', '2026-11-30 22:08:47.046345+00');
INSERT INTO public.schema_version VALUES (2, 'credentials', '2026-11-30 22:08:47.046345+00');
INSERT INTO public.schema_version VALUES (3, 'statistics', '2026-11-30 22:08:47.046345+00');
INSERT INTO public.schema_version VALUES (4, 'retention', '2026-11-30 22:08:47.046345+00');
INSERT INTO public.snapshot VALUES (1, 1, 0, '{"sid":"WSafea076b21f6ae68b70401a22e80e118","name":"kept"}', NULL);
INSERT INTO public.snapshot VALUES (1, 2, 0, '{"sid":"WAf3723414262236ad9b1a000000000002","name":"Offline","available":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 3, 0, '{"sid":"WA957a4727128cf0bcb71f000000000003","name":"Available","available":true}', NULL);
INSERT INTO public.snapshot VALUES (1, 4, 0, '{"sid":"WAea67cf2df3c2d97c903f000000000004","name":"Unavailable","available":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 5, 0, '{"sid":"TCffbcf4c832f3607be1a1000000000005","name":"Default","unique_name":"default","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 6, 0, '{"sid":"TC41a5d9580aa950afc0ab000000000006","name":"Voice","unique_name":"voice","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 7, 0, '{"sid":"TC3b6eea2f30b33c581589000000000007","name":"Chat","unique_name":"chat","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 8, 0, '{"sid":"TCe4c4445a60f6d75b09a8000000000008","name":"SMS","unique_name":"sms","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 9, 0, '{"sid":"TCc322d07fd629b4d7cec1000000000009","name":"Video","unique_name":"video","optimized":false}', NULL);
INSERT INTO public.snapshot VALUES (1, 10, 1, '{"sid":"WK4f0506ff2e912b0ef84d00000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}', NULL);
INSERT INTO public.snapshot VALUES (1, 10, 0, '{"sid":"WK4f0506ff2e912b0ef84d00000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}', 1796076527964);
INSERT INTO public.snapshot VALUES (1, 16, 0, '{"sid":"WQe6ad609a7030338cca42000000000010","name":"cats","expression":"skills HAS \"cats\""}', NULL);
INSERT INTO public.snapshot VALUES (1, 17, 0, '{"sid":"WW8207030d8267b0bb80f1000000000011","name":"all"}', NULL);
INSERT INTO public.snapshot VALUES (1, 19, 0, '{"sid":"WTf79b1ad64ab82a770682000000000013","attributes":"{\"cat\":\"Tom\"}"}', NULL);
INSERT INTO public.snapshot VALUES (1, 21, 0, '{"sid":"WT7eb7739289d2572d26e7000000000015","attributes":"{\"cat\":\"Tom\"}"}', NULL);
INSERT INTO public.workspace OVERRIDING SYSTEM VALUE VALUES (1, 'WSafea076b21f6ae68b70401a22e80e118', 'AC4ad819add1ce7d5612c24d079992734b', 11, '5660c7884aa4059e4e97ccf2e2852ff0', 30, 23, 1796076528206, 1796076529206, NULL);
SELECT pg_catalog.setval('public.workspace_id_seq', 1, true);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (sid);
ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (sid);
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
