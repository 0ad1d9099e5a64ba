CREATE TABLE public.account (
    sid text NOT NULL,
    auth_token text NOT NULL,
    friendly_name text NOT NULL,
    created_ms bigint NOT NULL
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
INSERT INTO public.account VALUES ('ACdb56967268502c8e8ba633b17691181b', '00000000000000000000000000000000', 'My account', 1796076574677);
INSERT INTO public.commit_log VALUES (1, 1, 'a824b1e3dc5b537261a20a53b26feeaf', '{1,2,3,4,5,6,7,8,9}');
INSERT INTO public.commit_log VALUES (1, 2, 'f61e7873613dfaa0a3d114a57e3dce13', '{10,11,12,13,14,15}');
INSERT INTO public.commit_log VALUES (1, 3, '1e23bc0fbdabcec89d4b5e991b0550f6', '{10}');
INSERT INTO public.commit_log VALUES (1, 4, '4a3adefabb8f8b0d8978beb868dda58a', '{16}');
INSERT INTO public.commit_log VALUES (1, 5, '986f305a4b558a641b9e1e1f7b5452dc', '{17,18}');
INSERT INTO public.commit_log VALUES (1, 6, 'd2c5b4b2cbdbddb842fe78e49e23560a', '{10,11,19,20}');
INSERT INTO public.commit_log VALUES (1, 7, '2f8b26f56ffc031171a417fcbfa5f750', '{19,20}');
INSERT INTO public.commit_log VALUES (1, 8, 'e4d6eafa529d1e924b935357cb10dc08', '{19,20}');
INSERT INTO public.commit_log VALUES (1, 9, 'e848972618cca6839895ff4ce92e36f1', '{17}');
INSERT INTO public.commit_log VALUES (1, 10, 'f0e77e445a8378b59414a071db666c84', '{10,11,21,22}');
INSERT INTO public.commit_log VALUES (1, 11, '1d56b9351ae4b707f099fc6e94b46db4', '{21,22}');
INSERT INTO public.delivery VALUES (1, 'assignment', 28, 'http://127.0.0.1:9/offers', NULL, 21, 22, 1796076575861, 1796076605861, 'failed', true, 'the reservation was canceled, and its task will be offered again after a pause', '[{"url":"http://127.0.0.1:9/offers","at_ms":1796076575887,"took_ms":1,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]', 1796076576043);
INSERT INTO public.entity VALUES (1, 1, 'workspace', 'WS759710476e4a5fc4755f01a22e8198d7', true, '{"type":"workspace","no":1,"sid":"WS759710476e4a5fc4755f01a22e8198d7","created_ms":1796076574935,"updated_ms":1796076574935,"account_sid":"ACdb56967268502c8e8ba633b17691181b","friendly_name":"kept","default_activity":2,"timeout_activity":2}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 2, 'activity', 'WA74e4282d86b835037b55000000000002', true, '{"type":"activity","no":2,"sid":"WA74e4282d86b835037b55000000000002","created_ms":1796076574935,"updated_ms":1796076574935,"friendly_name":"Offline"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 3, 'activity', 'WAdb0e4b675678aa19f304000000000003', true, '{"type":"activity","no":3,"sid":"WAdb0e4b675678aa19f304000000000003","created_ms":1796076574935,"updated_ms":1796076574935,"friendly_name":"Available","available":true}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 4, 'activity', 'WA8ee2ed27b423bd13023b000000000004', true, '{"type":"activity","no":4,"sid":"WA8ee2ed27b423bd13023b000000000004","created_ms":1796076574935,"updated_ms":1796076574935,"friendly_name":"Unavailable"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 5, 'task_channel', 'TC1a63769b57ff845dfa73000000000005', true, '{"type":"task_channel","no":5,"sid":"TC1a63769b57ff845dfa73000000000005","created_ms":1796076574935,"updated_ms":1796076574935,"friendly_name":"Default","unique_name":"default"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 6, 'task_channel', 'TC11e444af26c5e51f8785000000000006', true, '{"type":"task_channel","no":6,"sid":"TC11e444af26c5e51f8785000000000006","created_ms":1796076574935,"updated_ms":1796076574935,"friendly_name":"Voice","unique_name":"voice"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 7, 'task_channel', 'TCc3b3d92d82e04612de66000000000007', true, '{"type":"task_channel","no":7,"sid":"TCc3b3d92d82e04612de66000000000007","created_ms":1796076574935,"updated_ms":1796076574935,"friendly_name":"Chat","unique_name":"chat"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 8, 'task_channel', 'TC6cb4180222d37715f0d4000000000008', true, '{"type":"task_channel","no":8,"sid":"TC6cb4180222d37715f0d4000000000008","created_ms":1796076574935,"updated_ms":1796076574935,"friendly_name":"SMS","unique_name":"sms"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 9, 'task_channel', 'TCf451cd5c969941cc782d000000000009', true, '{"type":"task_channel","no":9,"sid":"TCf451cd5c969941cc782d000000000009","created_ms":1796076574935,"updated_ms":1796076574935,"friendly_name":"Video","unique_name":"video"}', NULL, NULL, NULL, 1);
INSERT INTO public.entity VALUES (1, 12, 'worker_channel', 'WC8b823467c3e9211a5c9300000000000c', true, '{"type":"worker_channel","no":12,"sid":"WC8b823467c3e9211a5c9300000000000c","created_ms":1796076575294,"updated_ms":1796076575294,"worker":10,"channel":6}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 13, 'worker_channel', 'WC3b960bb7eb6411cec93900000000000d', true, '{"type":"worker_channel","no":13,"sid":"WC3b960bb7eb6411cec93900000000000d","created_ms":1796076575294,"updated_ms":1796076575294,"worker":10,"channel":7}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 14, 'worker_channel', 'WC5ab10bd2f3ddadee5d9100000000000e', true, '{"type":"worker_channel","no":14,"sid":"WC5ab10bd2f3ddadee5d9100000000000e","created_ms":1796076575294,"updated_ms":1796076575294,"worker":10,"channel":8}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 15, 'worker_channel', 'WCecd4b9ca172566a701c100000000000f', true, '{"type":"worker_channel","no":15,"sid":"WCecd4b9ca172566a701c100000000000f","created_ms":1796076575294,"updated_ms":1796076575294,"worker":10,"channel":9}', NULL, NULL, NULL, 2);
INSERT INTO public.entity VALUES (1, 10, 'worker', 'WKdf34bd239875cc9381ce00000000000a', true, '{"type":"worker","no":10,"sid":"WKdf34bd239875cc9381ce00000000000a","created_ms":1796076575294,"updated_ms":1796076575421,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796076575294,"version":4,"last_reserved":22}', NULL, NULL, NULL, 10);
INSERT INTO public.entity VALUES (1, 16, 'task_queue', 'WQ495a4d25a5dcc8fadd00000000000010', true, '{"type":"task_queue","no":16,"sid":"WQ495a4d25a5dcc8fadd00000000000010","created_ms":1796076575430,"updated_ms":1796076575430,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}', NULL, NULL, NULL, 4);
INSERT INTO public.entity VALUES (1, 18, 'configuration', 'XC5465b1a845a7be9b9ff8000000000012', true, '{"type":"configuration","no":18,"sid":"XC5465b1a845a7be9b9ff8000000000012","created_ms":1796076575748,"updated_ms":1796076575748,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQ495a4d25a5dcc8fadd00000000000010\"}}}"}', NULL, NULL, NULL, 5);
INSERT INTO public.entity VALUES (1, 17, 'workflow', 'WW42e2ecec1055bead9ed5000000000011', true, '{"type":"workflow","no":17,"sid":"WW42e2ecec1055bead9ed5000000000011","created_ms":1796076575748,"updated_ms":1796076575851,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}', NULL, NULL, NULL, 9);
INSERT INTO public.entity VALUES (1, 11, 'worker_channel', 'WCc5065e00f9ad000c13c200000000000b', true, '{"type":"worker_channel","no":11,"sid":"WCc5065e00f9ad000c13c200000000000b","created_ms":1796076575294,"updated_ms":1796076575294,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796076575861}', NULL, NULL, NULL, 10);
INSERT INTO public.entity VALUES (1, 19, 'task', 'WT67aa4618723bcb8fb75d000000000013', false, '{"type":"task","no":19,"sid":"WT67aa4618723bcb8fb75d000000000013","created_ms":1796076575785,"updated_ms":1796076575819,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076575785,"place":[18,-1,0,1796076575785,0],"timeout_s":86400,"virtual_start_ms":1796076575785,"reason":"done","version":3,"rounds":1,"assigned_ms":1796076575808,"ended_ms":1796076575819}', NULL, NULL, 1796076875819, 8);
INSERT INTO public.entity VALUES (1, 20, 'reservation', 'WRaada97768c31926a6e0b000000000014', false, '{"type":"reservation","no":20,"sid":"WRaada97768c31926a6e0b000000000014","created_ms":1796076575785,"updated_ms":1796076575819,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796076695785,"previous_activity":3,"ended_ms":1796076575819}', 19, 10, NULL, 8);
INSERT INTO public.entity VALUES (1, 21, 'task', 'WTf8de3e67c1ebd829ab4a000000000015', true, '{"type":"task","no":21,"sid":"WTf8de3e67c1ebd829ab4a000000000015","created_ms":1796076575861,"updated_ms":1796076575889,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076575861,"place":[18,-1,0,1796076575861,0],"timeout_s":86400,"virtual_start_ms":1796076575861,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796076576889}', NULL, NULL, NULL, 11);
INSERT INTO public.entity VALUES (1, 22, 'reservation', 'WR85800439f9f98fc54004000000000016', false, '{"type":"reservation","no":22,"sid":"WR85800439f9f98fc54004000000000016","created_ms":1796076575861,"updated_ms":1796076575889,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796076695861,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796076575889}', 21, 10, NULL, 11);
INSERT INTO public.event VALUES (1, 1, 'workspace.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0]}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 2, 'activity.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[2,0]}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 3, 'activity.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[3,0]}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 4, 'activity.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[4,0]}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 5, 'task-channel.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[5,0]}', NULL, NULL, NULL, NULL, NULL, 5);
INSERT INTO public.event VALUES (1, 6, 'task-channel.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[6,0]}', NULL, NULL, NULL, NULL, NULL, 6);
INSERT INTO public.event VALUES (1, 7, 'task-channel.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[7,0]}', NULL, NULL, NULL, NULL, NULL, 7);
INSERT INTO public.event VALUES (1, 8, 'task-channel.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[8,0]}', NULL, NULL, NULL, NULL, NULL, 8);
INSERT INTO public.event VALUES (1, 9, 'task-channel.created', 1796076574935, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[9,0]}', NULL, NULL, NULL, NULL, NULL, 9);
INSERT INTO public.event VALUES (1, 10, 'worker.created', 1796076575294, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"version":1,"activity":[3,0]}}', NULL, 10, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 11, 'worker.attributes.update', 1796076575421, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"text":1,"version":2,"activity":[3,0]}}', NULL, 10, NULL, NULL, NULL, NULL);
INSERT INTO public.event VALUES (1, 12, 'task-queue.created', 1796076575430, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"queue":[16,0]}', NULL, NULL, NULL, 16, NULL, NULL);
INSERT INTO public.event VALUES (1, 13, 'workflow.created', 1796076575748, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}', NULL, NULL, NULL, NULL, 17, NULL);
INSERT INTO public.event VALUES (1, 14, 'task.created', 1796076575785, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076575785,"entered_ms":1796076575785},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 15, 'workflow.entered', 1796076575785, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076575785,"entered_ms":1796076575785},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 16, 'workflow.target-matched', 1796076575785, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076575785,"entered_ms":1796076575785},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 17, 'task-queue.entered', 1796076575785, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076575785,"entered_ms":1796076575785},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 18, 'reservation.created', 1796076575785, '{"workspace":[1,0],"task":{"no":19,"status":"reserved","version":1,"created_ms":1796076575785,"entered_ms":1796076575785},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRaada97768c31926a6e0b000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, 10, 20, 16, 17, 5);
INSERT INTO public.event VALUES (1, 19, 'reservation.accepted', 1796076575808, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"assigned","version":2,"created_ms":1796076575785,"entered_ms":1796076575785},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRaada97768c31926a6e0b000000000014","version":1},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}', 19, 10, 20, 16, 17, 5);
INSERT INTO public.event VALUES (1, 20, 'task.completed', 1796076575819, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076575785,"entered_ms":1796076575785},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}', 19, 10, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 21, 'reservation.completed', 1796076575819, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076575785,"entered_ms":1796076575785},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRaada97768c31926a6e0b000000000014","version":2},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, 10, 20, 16, 17, 5);
INSERT INTO public.event VALUES (1, 22, 'task.updated', 1796076575819, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076575785,"entered_ms":1796076575785},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 19, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 23, 'workflow.updated', 1796076575851, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}', NULL, NULL, NULL, NULL, 17, NULL);
INSERT INTO public.event VALUES (1, 24, 'task.created', 1796076575861, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076575861,"entered_ms":1796076575861},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 25, 'workflow.entered', 1796076575861, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076575861,"entered_ms":1796076575861},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 26, 'workflow.target-matched', 1796076575861, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076575861,"entered_ms":1796076575861},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 27, 'task-queue.entered', 1796076575861, '{"origin":{"actor":"ACdb56967268502c8e8ba633b17691181b","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076575861,"entered_ms":1796076575861},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event VALUES (1, 28, 'reservation.created', 1796076575861, '{"workspace":[1,0],"task":{"no":21,"status":"reserved","version":1,"created_ms":1796076575861,"entered_ms":1796076575861},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR85800439f9f98fc54004000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, 10, 22, 16, 17, 5);
INSERT INTO public.event VALUES (1, 29, 'reservation.canceled', 1796076575889, '{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796076575861,"entered_ms":1796076575861},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR85800439f9f98fc54004000000000016","version":1,"reason_code":0},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}', 21, 10, 22, 16, 17, 5);
INSERT INTO public.event VALUES (1, 30, 'workflow.target-matched', 1796076575889, '{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796076575861,"entered_ms":1796076575861},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}', 21, NULL, NULL, 16, 17, 5);
INSERT INTO public.event_cursor VALUES (1, 0);
INSERT INTO public.schema_version VALUES (1, 'first', '2026-11-30 22:09:34.311193+00');
INSERT INTO public.snapshot VALUES (1, 1, 0, '{"sid":"WS759710476e4a5fc4755f01a22e8198d7","name":"kept"}');
INSERT INTO public.snapshot VALUES (1, 2, 0, '{"sid":"WA74e4282d86b835037b55000000000002","name":"Offline","available":false}');
INSERT INTO public.snapshot VALUES (1, 3, 0, '{"sid":"WAdb0e4b675678aa19f304000000000003","name":"Available","available":true}');
INSERT INTO public.snapshot VALUES (1, 4, 0, '{"sid":"WA8ee2ed27b423bd13023b000000000004","name":"Unavailable","available":false}');
INSERT INTO public.snapshot VALUES (1, 5, 0, '{"sid":"TC1a63769b57ff845dfa73000000000005","name":"Default","unique_name":"default","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 6, 0, '{"sid":"TC11e444af26c5e51f8785000000000006","name":"Voice","unique_name":"voice","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 7, 0, '{"sid":"TCc3b3d92d82e04612de66000000000007","name":"Chat","unique_name":"chat","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 8, 0, '{"sid":"TC6cb4180222d37715f0d4000000000008","name":"SMS","unique_name":"sms","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 9, 0, '{"sid":"TCf451cd5c969941cc782d000000000009","name":"Video","unique_name":"video","optimized":false}');
INSERT INTO public.snapshot VALUES (1, 10, 0, '{"sid":"WKdf34bd239875cc9381ce00000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}');
INSERT INTO public.snapshot VALUES (1, 10, 1, '{"sid":"WKdf34bd239875cc9381ce00000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}');
INSERT INTO public.snapshot VALUES (1, 16, 0, '{"sid":"WQ495a4d25a5dcc8fadd00000000000010","name":"cats","expression":"skills HAS \"cats\""}');
INSERT INTO public.snapshot VALUES (1, 17, 0, '{"sid":"WW42e2ecec1055bead9ed5000000000011","name":"all"}');
INSERT INTO public.snapshot VALUES (1, 19, 0, '{"sid":"WT67aa4618723bcb8fb75d000000000013","attributes":"{\"cat\":\"Tom\"}"}');
INSERT INTO public.snapshot VALUES (1, 21, 0, '{"sid":"WTf8de3e67c1ebd829ab4a000000000015","attributes":"{\"cat\":\"Tom\"}"}');
INSERT INTO public.workspace OVERRIDING SYSTEM VALUE VALUES (1, 'WS759710476e4a5fc4755f01a22e8198d7', 'ACdb56967268502c8e8ba633b17691181b', 11, '1d56b9351ae4b707f099fc6e94b46db4', 30, 23, 1796076575889, 1796076576889, NULL);
SELECT pg_catalog.setval('public.workspace_id_seq', 1, true);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (sid);
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
