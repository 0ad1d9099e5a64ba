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
    channel bigint
);
CREATE TABLE public.event_cursor (
    workspace bigint NOT NULL,
    seq bigint NOT NULL
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
    body text NOT NULL
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
INSERT INTO public.account VALUES ('ACa52f3c48f853d22fb2932fea3d635750', '00000000000000000000000000000000', 'My account', 1796076549688, NULL, NULL, NULL);
INSERT INTO public.commit_log VALUES (1, 1, 'a8283bc159ccc160f5e7912e5c0804e4', '{1,2,3,4,5,6,7,8,9}');
INSERT INTO public.commit_log VALUES (1, 2, 'c886d8de7e1cf6843302e0ce559f3917', '{10,11,12,13,14,15}');
INSERT INTO public.commit_log VALUES (1, 3, '4c103441a2ffeba6d32b53ae6eae1853', '{10}');
INSERT INTO public.commit_log VALUES (1, 4, '74e10b08b33d8e1e7e3d8a2b1d7e3555', '{16}');
INSERT INTO public.commit_log VALUES (1, 5, '8de0a3f21b3408d6b78a62a8f31c5d83', '{17,18}');
INSERT INTO public.commit_log VALUES (1, 6, 'e0863bbc7915510736619473a06f23e8', '{10,11,19,20}');
INSERT INTO public.commit_log VALUES (1, 7, '51f1c40a4e365e2771cc98b558a5a45f', '{19,20}');
INSERT INTO public.commit_log VALUES (1, 8, '2cc9bd37cdd45b5c0de955ae23a05e2a', '{19,20}');
INSERT INTO public.commit_log VALUES (1, 9, 'c93576e8e772bb00ce0d9f66bece6b64', '{17}');
INSERT INTO public.commit_log VALUES (1, 10, '1f43d23df75b44270b6b80aec9ae264d', '{10,11,21,22}');
INSERT INTO public.commit_log VALUES (1, 11, 'd44094f550665e715f8785c32838972e', '{21,22}');
INSERT INTO public.delivery VALUES (1, 'assignment', 28, 'http://127.0.0.1:9/offers', NULL, 21, 22, 1796076550554, 1796076580554, 'failed', true, 'the reservation was canceled, and its task will be offered again after a pause', '[{"url":"http://127.0.0.1:9/offers","at_ms":1796076550583,"took_ms":1,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]', 1796076550595);
INSERT INTO public.entity VALUES (1, 1, 'workspace', 'WSd84adcb0fe8fc92a802101a22e8136fc', true, '{"type":"workspace","no":1,"sid":"WSd84adcb0fe8fc92a802101a22e8136fc","created_ms":1796076549884,"updated_ms":1796076549884,"account_sid":"ACa52f3c48f853d22fb2932fea3d635750","friendly_name":"kept","default_activity":2,"timeout_activity":2}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 2, 'activity', 'WA0f9182da191cf2ae08a8000000000002', true, '{"type":"activity","no":2,"sid":"WA0f9182da191cf2ae08a8000000000002","created_ms":1796076549884,"updated_ms":1796076549884,"friendly_name":"Offline"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 3, 'activity', 'WAd7d658cc7a67bea19613000000000003', true, '{"type":"activity","no":3,"sid":"WAd7d658cc7a67bea19613000000000003","created_ms":1796076549884,"updated_ms":1796076549884,"friendly_name":"Available","available":true}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 4, 'activity', 'WAc03dad5b5803a8eeec5e000000000004', true, '{"type":"activity","no":4,"sid":"WAc03dad5b5803a8eeec5e000000000004","created_ms":1796076549884,"updated_ms":1796076549884,"friendly_name":"Unavailable"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 5, 'task_channel', 'TCd798a72cfcf6c9de7695000000000005', true, '{"type":"task_channel","no":5,"sid":"TCd798a72cfcf6c9de7695000000000005","created_ms":1796076549884,"updated_ms":1796076549884,"friendly_name":"Default","unique_name":"default"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 6, 'task_channel', 'TCa90f8936b4d57f8ec649000000000006', true, '{"type":"task_channel","no":6,"sid":"TCa90f8936b4d57f8ec649000000000006","created_ms":1796076549884,"updated_ms":1796076549884,"friendly_name":"Voice","unique_name":"voice"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 7, 'task_channel', 'TCf61ff958b4c82ee25a7a000000000007', true, '{"type":"task_channel","no":7,"sid":"TCf61ff958b4c82ee25a7a000000000007","created_ms":1796076549884,"updated_ms":1796076549884,"friendly_name":"Chat","unique_name":"chat"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 8, 'task_channel', 'TC6663bd33861c9c4bc4a7000000000008', true, '{"type":"task_channel","no":8,"sid":"TC6663bd33861c9c4bc4a7000000000008","created_ms":1796076549884,"updated_ms":1796076549884,"friendly_name":"SMS","unique_name":"sms"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 9, 'task_channel', 'TC8902744920e865283b19000000000009', true, '{"type":"task_channel","no":9,"sid":"TC8902744920e865283b19000000000009","created_ms":1796076549884,"updated_ms":1796076549884,"friendly_name":"Video","unique_name":"video"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 12, 'worker_channel', 'WC6b1687277fed3079592000000000000c', true, '{"type":"worker_channel","no":12,"sid":"WC6b1687277fed3079592000000000000c","created_ms":1796076550033,"updated_ms":1796076550033,"worker":10,"channel":6}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 13, 'worker_channel', 'WC6920a712198155a81b8300000000000d', true, '{"type":"worker_channel","no":13,"sid":"WC6920a712198155a81b8300000000000d","created_ms":1796076550033,"updated_ms":1796076550033,"worker":10,"channel":7}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 14, 'worker_channel', 'WCe32b81eb61af2fd8048400000000000e', true, '{"type":"worker_channel","no":14,"sid":"WCe32b81eb61af2fd8048400000000000e","created_ms":1796076550033,"updated_ms":1796076550033,"worker":10,"channel":8}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 15, 'worker_channel', 'WCdb920396b2c45d256ff100000000000f', true, '{"type":"worker_channel","no":15,"sid":"WCdb920396b2c45d256ff100000000000f","created_ms":1796076550033,"updated_ms":1796076550033,"worker":10,"channel":9}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 10, 'worker', 'WKfaa596882196affcd81400000000000a', true, '{"type":"worker","no":10,"sid":"WKfaa596882196affcd81400000000000a","created_ms":1796076550033,"updated_ms":1796076550108,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796076550033,"version":4,"last_reserved":22}', NULL, NULL, NULL, 10);
INSERT INTO public.entity VALUES (1, 16, 'task_queue', 'WQ7e9f3dd2dffb4e5593ff000000000010', true, '{"type":"task_queue","no":16,"sid":"WQ7e9f3dd2dffb4e5593ff000000000010","created_ms":1796076550267,"updated_ms":1796076550267,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}', NULL, NULL, NULL, 4);
INSERT INTO public.entity VALUES (1, 18, 'configuration', 'XCb8ddc2af5a6eed0dcaac000000000012', true, '{"type":"configuration","no":18,"sid":"XCb8ddc2af5a6eed0dcaac000000000012","created_ms":1796076550312,"updated_ms":1796076550312,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQ7e9f3dd2dffb4e5593ff000000000010\"}}}"}', NULL, NULL, NULL, 5);
INSERT INTO public.entity VALUES (1, 17, 'workflow', 'WW8ad57232b1549de06f66000000000011', true, '{"type":"workflow","no":17,"sid":"WW8ad57232b1549de06f66000000000011","created_ms":1796076550312,"updated_ms":1796076550505,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}', NULL, NULL, NULL, 9);
INSERT INTO public.entity VALUES (1, 11, 'worker_channel', 'WCe186d4186b454b9aab6300000000000b', true, '{"type":"worker_channel","no":11,"sid":"WCe186d4186b454b9aab6300000000000b","created_ms":1796076550033,"updated_ms":1796076550033,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796076550554}', NULL, NULL, NULL, 10);
INSERT INTO public.entity VALUES (1, 19, 'task', 'WT803b09170228975a4c1a000000000013', false, '{"type":"task","no":19,"sid":"WT803b09170228975a4c1a000000000013","created_ms":1796076550376,"updated_ms":1796076550479,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076550376,"place":[18,-1,0,1796076550376,0],"timeout_s":86400,"virtual_start_ms":1796076550376,"reason":"done","version":3,"rounds":1,"assigned_ms":1796076550436,"ended_ms":1796076550479}', NULL, NULL, 1796076850479, 8);
INSERT INTO public.entity VALUES (1, 20, 'reservation', 'WR6efe8b552ebacdccf51c000000000014', false, '{"type":"reservation","no":20,"sid":"WR6efe8b552ebacdccf51c000000000014","created_ms":1796076550376,"updated_ms":1796076550479,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796076670376,"previous_activity":3,"ended_ms":1796076550479}', 19, 10, NULL, 8);
INSERT INTO public.entity VALUES (1, 21, 'task', 'WT8399ae596b64df69843c000000000015', true, '{"type":"task","no":21,"sid":"WT8399ae596b64df69843c000000000015","created_ms":1796076550554,"updated_ms":1796076550586,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076550554,"place":[18,-1,0,1796076550554,0],"timeout_s":86400,"virtual_start_ms":1796076550554,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796076551586}', NULL, NULL, NULL, 11);
INSERT INTO public.entity VALUES (1, 22, 'reservation', 'WR8af715e4b3aa93ca85c8000000000016', false, '{"type":"reservation","no":22,"sid":"WR8af715e4b3aa93ca85c8000000000016","created_ms":1796076550554,"updated_ms":1796076550586,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796076670554,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796076550586}', 21, 10, NULL, 11);
INSERT INTO public.event VALUES (1, 1, 'workspace.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0]}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 2, 'activity.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[2,0]}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 3, 'activity.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[3,0]}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 4, 'activity.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[4,0]}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 5, 'task-channel.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[5,0]}', NULL, NULL, NULL, NULL, NULL, 5);
INSERT INTO public.event VALUES (1, 6, 'task-channel.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[6,0]}', NULL, NULL, NULL, NULL, NULL, 6);
INSERT INTO public.event VALUES (1, 7, 'task-channel.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[7,0]}', NULL, NULL, NULL, NULL, NULL, 7);
INSERT INTO public.event VALUES (1, 8, 'task-channel.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[8,0]}', NULL, NULL, NULL, NULL, NULL, 8);
INSERT INTO public.event VALUES (1, 9, 'task-channel.created', 1796076549884, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[9,0]}', NULL, NULL, NULL, NULL, NULL, 9);
INSERT INTO public.event VALUES (1, 10, 'worker.created', 1796076550033, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"version":1,"activity":[3,0]}}', NULL, 10, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 11, 'worker.attributes.update', 1796076550108, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"text":1,"version":2,"activity":[3,0]}}', NULL, 10, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 12, 'task-queue.created', 1796076550267, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"queue":[16,0]}', NULL, NULL, NULL, 16, NULL, NULL);
INSERT INTO public.event VALUES (1, 13, 'workflow.created', 1796076550312, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}', NULL, NULL, NULL, NULL, 17, NULL);
INSERT INTO public.event VALUES (1, 14, 'task.created', 1796076550376, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076550376,"entered_ms":1796076550376},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 15, 'workflow.entered', 1796076550376, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076550376,"entered_ms":1796076550376},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 16, 'workflow.target-matched', 1796076550376, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076550376,"entered_ms":1796076550376},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 17, 'task-queue.entered', 1796076550376, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076550376,"entered_ms":1796076550376},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 18, 'reservation.created', 1796076550376, '{"workspace":[1,0],"task":{"no":19,"status":"reserved","version":1,"created_ms":1796076550376,"entered_ms":1796076550376},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR6efe8b552ebacdccf51c000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, 10, 20, 16, 17, 5);
INSERT INTO public.event VALUES (1, 19, 'reservation.accepted', 1796076550436, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"assigned","version":2,"created_ms":1796076550376,"entered_ms":1796076550376},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR6efe8b552ebacdccf51c000000000014","version":1},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}', 19, 10, 20, 16, 17, 5);
INSERT INTO public.event VALUES (1, 20, 'task.completed', 1796076550479, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076550376,"entered_ms":1796076550376},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}', 19, 10, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 21, 'reservation.completed', 1796076550479, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076550376,"entered_ms":1796076550376},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR6efe8b552ebacdccf51c000000000014","version":2},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, 10, 20, 16, 17, 5);
INSERT INTO public.event VALUES (1, 22, 'task.updated', 1796076550479, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076550376,"entered_ms":1796076550376},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 23, 'workflow.updated', 1796076550505, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}', NULL, NULL, NULL, NULL, 17, NULL);
INSERT INTO public.event VALUES (1, 24, 'task.created', 1796076550554, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076550554,"entered_ms":1796076550554},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 25, 'workflow.entered', 1796076550554, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076550554,"entered_ms":1796076550554},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 26, 'workflow.target-matched', 1796076550554, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076550554,"entered_ms":1796076550554},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 27, 'task-queue.entered', 1796076550554, '{"origin":{"actor":"ACa52f3c48f853d22fb2932fea3d635750","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076550554,"entered_ms":1796076550554},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 28, 'reservation.created', 1796076550554, '{"workspace":[1,0],"task":{"no":21,"status":"reserved","version":1,"created_ms":1796076550554,"entered_ms":1796076550554},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR8af715e4b3aa93ca85c8000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, 10, 22, 16, 17, 5);
INSERT INTO public.event VALUES (1, 29, 'reservation.canceled', 1796076550586, '{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796076550554,"entered_ms":1796076550554},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR8af715e4b3aa93ca85c8000000000016","version":1,"reason_code":0},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, 10, 22, 16, 17, 5);
INSERT INTO public.event VALUES (1, 30, 'workflow.target-matched', 1796076550586, '{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796076550554,"entered_ms":1796076550554},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event_cursor VALUES (1, 0);
INSERT INTO public.schema_version VALUES (1, 'first', '2026-11-30 22:09:09.415173+00');
INSERT INTO public.schema_version VALUES (2, 'credentials', '2026-11-30 22:09:09.415173+00');
INSERT INTO public.snapshot VALUES (1, 1, 0, '{"sid":"WSd84adcb0fe8fc92a802101a22e8136fc","name":"kept"}');
INSERT INTO public.snapshot VALUES (1, 2, 0, '{"sid":"WA0f9182da191cf2ae08a8000000000002","name":"Offline","available":false}');
INSERT INTO public.snapshot VALUES (1, 3, 0, '{"sid":"WAd7d658cc7a67bea19613000000000003","name":"Available","available":true}');
INSERT INTO public.snapshot VALUES (1, 4, 0, '{"sid":"WAc03dad5b5803a8eeec5e000000000004","name":"Unavailable","available":false}');
INSERT INTO public.snapshot VALUES (1, 5, 0, '{"sid":"TCd798a72cfcf6c9de7695000000000005","name":"Default","unique_name":"default","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 6, 0, '{"sid":"TCa90f8936b4d57f8ec649000000000006","name":"Voice","unique_name":"voice","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 7, 0, '{"sid":"TCf61ff958b4c82ee25a7a000000000007","name":"Chat","unique_name":"chat","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 8, 0, '{"sid":"TC6663bd33861c9c4bc4a7000000000008","name":"SMS","unique_name":"sms","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 9, 0, '{"sid":"TC8902744920e865283b19000000000009","name":"Video","unique_name":"video","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 10, 0, '{"sid":"WKfaa596882196affcd81400000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}');
INSERT INTO public.snapshot VALUES (1, 10, 1, '{"sid":"WKfaa596882196affcd81400000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}');
INSERT INTO public.snapshot VALUES (1, 16, 0, '{"sid":"WQ7e9f3dd2dffb4e5593ff000000000010","name":"cats","expression":"skills HAS \"cats\""}');
INSERT INTO public.snapshot VALUES (1, 17, 0, '{"sid":"WW8ad57232b1549de06f66000000000011","name":"all"}');
INSERT INTO public.snapshot VALUES (1, 19, 0, '{"sid":"WT803b09170228975a4c1a000000000013","attributes":"{\"cat\":\"Tom\"}"}');
INSERT INTO public.snapshot VALUES (1, 21, 0, '{"sid":"WT8399ae596b64df69843c000000000015","attributes":"{\"cat\":\"Tom\"}"}');
INSERT INTO public.workspace OVERRIDING SYSTEM VALUE VALUES (1, 'WSd84adcb0fe8fc92a802101a22e8136fc', 'ACa52f3c48f853d22fb2932fea3d635750', 11, 'd44094f550665e715f8785c32838972e', 30, 23, 1796076550586, 1796076551586, NULL);
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
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.snapshot
    ADD CONSTRAINT snapshot_pkey PRIMARY KEY (workspace, no, text);
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
