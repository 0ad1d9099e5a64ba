BEGIN TRANSACTION;
CREATE TABLE account (
    sid TEXT PRIMARY KEY,
    auth_token TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
, secondary_token TEXT, owner TEXT, updated_ms INTEGER) STRICT, WITHOUT ROWID;
INSERT INTO "account" VALUES('ACa6b4bc42be6cdb797f9cb7a81b113418','00000000000000000000000000000000','My account',1796076484940,NULL,NULL,NULL);
CREATE TABLE api_key (
    sid TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    secret_hash TEXT NOT NULL, -- SHA-256 of the secret, in hexadecimal
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
, secret TEXT, role TEXT NOT NULL DEFAULT 'full') STRICT, WITHOUT ROWID;
INSERT INTO "api_key" VALUES('SKc10a67c6cc3724a83d4101a22e803c11','ACa6b4bc42be6cdb797f9cb7a81b113418','7907c0cc8d351e2b8604006769cfaac1159cdbe538d99c3f71887ff05adbbf3a','pages',1796076485649,1796076485649,'00000000000000000000000000000000','full');
CREATE TABLE attendance (
    workspace TEXT NOT NULL,
    worker TEXT NOT NULL,
    activity TEXT, -- NULL: the workspace's timeout activity
    PRIMARY KEY (workspace, worker)
) STRICT, WITHOUT ROWID;
CREATE TABLE commit_log (
    workspace INTEGER NOT NULL,
    version INTEGER NOT NULL,
    token TEXT NOT NULL,
    PRIMARY KEY (workspace, version)
) STRICT, WITHOUT ROWID;
INSERT INTO "commit_log" VALUES(1,1,'48867ddb49b1af55866159face107635');
INSERT INTO "commit_log" VALUES(1,2,'36d34a14eb304d218d724b499eea1a94');
INSERT INTO "commit_log" VALUES(1,3,'c087fc25e923309a7f460bcf11b1ef45');
INSERT INTO "commit_log" VALUES(1,4,'d0d4b48d12101dc7194cfaf429f55131');
INSERT INTO "commit_log" VALUES(1,5,'9c3e8c1aec807138af97c0cc052abe52');
INSERT INTO "commit_log" VALUES(1,6,'c08e69c9b322863e7fa9844fdc9a2a12');
INSERT INTO "commit_log" VALUES(1,7,'eb9f46ed5edc631d11bdac1feba04e9b');
INSERT INTO "commit_log" VALUES(1,8,'748db05046b1e80093eaa6539deee86b');
INSERT INTO "commit_log" VALUES(1,9,'162c9a7afa95292d0f24f476054415be');
INSERT INTO "commit_log" VALUES(1,10,'e52c94a60738b97afbac5cc3039c4565');
INSERT INTO "commit_log" VALUES(1,11,'7eba64b9b84890ca44ebf76b32908e75');
CREATE TABLE delivery (
    workspace INTEGER NOT NULL,
    kind TEXT NOT NULL, -- 'assignment' or 'event'
    seq INTEGER NOT NULL, -- of the event that it tells of
    url TEXT NOT NULL,
    fallback_url TEXT,
    task INTEGER,
    reservation INTEGER,
    created_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    verdict TEXT, -- NULL while it is not finished
    failed INTEGER NOT NULL,
    warning TEXT,
    attempts TEXT NOT NULL, -- JSON
    finished_ms INTEGER,
    PRIMARY KEY (workspace, seq, kind)
) STRICT;
INSERT INTO "delivery" VALUES(1,'assignment',28,'http://127.0.0.1:9/offers',NULL,21,22,1796076485967,1796076515967,'failed',1,'the reservation was canceled, and its task will be offered again after a pause','[{"url":"http://127.0.0.1:9/offers","at_ms":1796076485984,"took_ms":3,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]',1796076485992);
CREATE TABLE entity (
    workspace INTEGER NOT NULL,
    no INTEGER NOT NULL,
    kind TEXT NOT NULL,
    sid TEXT NOT NULL,
    live INTEGER NOT NULL,
    body TEXT NOT NULL, -- '' once the entity is gone
    task INTEGER, -- of a reservation
    worker INTEGER, -- of a reservation
    vanish_ms INTEGER,
    version INTEGER NOT NULL, -- the commit that wrote this row
    PRIMARY KEY (workspace, no)
) STRICT;
INSERT INTO "entity" VALUES(1,1,'workspace','WS440a90e5e82699e5b27a01a22e803c07',1,'{"type":"workspace","no":1,"sid":"WS440a90e5e82699e5b27a01a22e803c07","created_ms":1796076485639,"updated_ms":1796076485639,"account_sid":"ACa6b4bc42be6cdb797f9cb7a81b113418","friendly_name":"kept","default_activity":2,"timeout_activity":2}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,2,'activity','WAc070463186345581294f000000000002',1,'{"type":"activity","no":2,"sid":"WAc070463186345581294f000000000002","created_ms":1796076485639,"updated_ms":1796076485639,"friendly_name":"Offline"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,3,'activity','WAb2f155db6cc1a0dab3dd000000000003',1,'{"type":"activity","no":3,"sid":"WAb2f155db6cc1a0dab3dd000000000003","created_ms":1796076485639,"updated_ms":1796076485639,"friendly_name":"Available","available":true}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,4,'activity','WA7099ae74e18d86793b09000000000004',1,'{"type":"activity","no":4,"sid":"WA7099ae74e18d86793b09000000000004","created_ms":1796076485639,"updated_ms":1796076485639,"friendly_name":"Unavailable"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,5,'task_channel','TC6442874042ed357f68a9000000000005',1,'{"type":"task_channel","no":5,"sid":"TC6442874042ed357f68a9000000000005","created_ms":1796076485639,"updated_ms":1796076485639,"friendly_name":"Default","unique_name":"default"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,6,'task_channel','TC5ee90727ec95e78eb56f000000000006',1,'{"type":"task_channel","no":6,"sid":"TC5ee90727ec95e78eb56f000000000006","created_ms":1796076485639,"updated_ms":1796076485639,"friendly_name":"Voice","unique_name":"voice"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,7,'task_channel','TCac13aa1bcba47e1296b6000000000007',1,'{"type":"task_channel","no":7,"sid":"TCac13aa1bcba47e1296b6000000000007","created_ms":1796076485639,"updated_ms":1796076485639,"friendly_name":"Chat","unique_name":"chat"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,8,'task_channel','TC9cb6fab02431b40a3d85000000000008',1,'{"type":"task_channel","no":8,"sid":"TC9cb6fab02431b40a3d85000000000008","created_ms":1796076485639,"updated_ms":1796076485639,"friendly_name":"SMS","unique_name":"sms"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,9,'task_channel','TCc493d45b067b69148e9b000000000009',1,'{"type":"task_channel","no":9,"sid":"TCc493d45b067b69148e9b000000000009","created_ms":1796076485639,"updated_ms":1796076485639,"friendly_name":"Video","unique_name":"video"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,10,'worker','WK0c811caae28b64bd416000000000000a',1,'{"type":"worker","no":10,"sid":"WK0c811caae28b64bd416000000000000a","created_ms":1796076485650,"updated_ms":1796076485660,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796076485650,"version":4,"last_reserved":22}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,11,'worker_channel','WC54c420c90a67d8a1836c00000000000b',1,'{"type":"worker_channel","no":11,"sid":"WC54c420c90a67d8a1836c00000000000b","created_ms":1796076485650,"updated_ms":1796076485650,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796076485967}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,12,'worker_channel','WC674c0fffb3b2e3fccf2c00000000000c',1,'{"type":"worker_channel","no":12,"sid":"WC674c0fffb3b2e3fccf2c00000000000c","created_ms":1796076485650,"updated_ms":1796076485650,"worker":10,"channel":6}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,13,'worker_channel','WCa38828e00721562b280900000000000d',1,'{"type":"worker_channel","no":13,"sid":"WCa38828e00721562b280900000000000d","created_ms":1796076485650,"updated_ms":1796076485650,"worker":10,"channel":7}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,14,'worker_channel','WCc1068580eda7022f817e00000000000e',1,'{"type":"worker_channel","no":14,"sid":"WCc1068580eda7022f817e00000000000e","created_ms":1796076485650,"updated_ms":1796076485650,"worker":10,"channel":8}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,15,'worker_channel','WCb17f3451051e22db5e3d00000000000f',1,'{"type":"worker_channel","no":15,"sid":"WCb17f3451051e22db5e3d00000000000f","created_ms":1796076485650,"updated_ms":1796076485650,"worker":10,"channel":9}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,16,'task_queue','WQ50c64ce3b12bf8cbd373000000000010',1,'{"type":"task_queue","no":16,"sid":"WQ50c64ce3b12bf8cbd373000000000010","created_ms":1796076485815,"updated_ms":1796076485815,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}',NULL,NULL,NULL,4);
INSERT INTO "entity" VALUES(1,17,'workflow','WW373ae0cadadf37b0f418000000000011',1,'{"type":"workflow","no":17,"sid":"WW373ae0cadadf37b0f418000000000011","created_ms":1796076485856,"updated_ms":1796076485947,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}',NULL,NULL,NULL,9);
INSERT INTO "entity" VALUES(1,18,'configuration','XCd4568cd61b5e62ed4539000000000012',1,'{"type":"configuration","no":18,"sid":"XCd4568cd61b5e62ed4539000000000012","created_ms":1796076485856,"updated_ms":1796076485856,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQ50c64ce3b12bf8cbd373000000000010\"}}}"}',NULL,NULL,NULL,5);
INSERT INTO "entity" VALUES(1,19,'task','WT528ff20ed89d3fc758e1000000000013',0,'{"type":"task","no":19,"sid":"WT528ff20ed89d3fc758e1000000000013","created_ms":1796076485877,"updated_ms":1796076485927,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076485877,"place":[18,-1,0,1796076485877,0],"timeout_s":86400,"virtual_start_ms":1796076485877,"reason":"done","version":3,"rounds":1,"assigned_ms":1796076485907,"ended_ms":1796076485927}',NULL,NULL,1796076785927,8);
INSERT INTO "entity" VALUES(1,20,'reservation','WRf5dc1db2f5329b3f7761000000000014',0,'{"type":"reservation","no":20,"sid":"WRf5dc1db2f5329b3f7761000000000014","created_ms":1796076485877,"updated_ms":1796076485927,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796076605877,"previous_activity":3,"ended_ms":1796076485927}',19,10,NULL,8);
INSERT INTO "entity" VALUES(1,21,'task','WT9aa7b4012021657695f6000000000015',1,'{"type":"task","no":21,"sid":"WT9aa7b4012021657695f6000000000015","created_ms":1796076485967,"updated_ms":1796076485987,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076485967,"place":[18,-1,0,1796076485967,0],"timeout_s":86400,"virtual_start_ms":1796076485967,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796076486987}',NULL,NULL,NULL,11);
INSERT INTO "entity" VALUES(1,22,'reservation','WR88e6b8da1d9289252817000000000016',0,'{"type":"reservation","no":22,"sid":"WR88e6b8da1d9289252817000000000016","created_ms":1796076485967,"updated_ms":1796076485987,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796076605967,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796076485987}',21,10,NULL,11);
CREATE TABLE event (
    workspace INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    at_ms INTEGER NOT NULL, -- never decreases with seq, so a time is found by halving: no index
    body TEXT NOT NULL,
    task INTEGER,
    worker INTEGER,
    reservation INTEGER,
    queue INTEGER,
    workflow INTEGER,
    channel INTEGER, age_s INTEGER, queue_age_s INTEGER, split_age_s INTEGER, previous INTEGER, spent_ms INTEGER, uncounted INTEGER,
    PRIMARY KEY (workspace, seq)
) STRICT;
INSERT INTO "event" VALUES(1,1,'workspace.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"}}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,2,'activity.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"},"activity":[2,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,3,'activity.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"},"activity":[3,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,4,'activity.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"},"activity":[4,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,5,'task-channel.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[5,0]}',NULL,NULL,NULL,NULL,NULL,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,6,'task-channel.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[6,0]}',NULL,NULL,NULL,NULL,NULL,6,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,7,'task-channel.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[7,0]}',NULL,NULL,NULL,NULL,NULL,7,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,8,'task-channel.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[8,0]}',NULL,NULL,NULL,NULL,NULL,8,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,9,'task-channel.created',1796076485639,'{"origin":{"kind":"account","address":"127.0.0.1"},"channel":[9,0]}',NULL,NULL,NULL,NULL,NULL,9,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,10,'worker.created',1796076485650,'{"origin":{"kind":"account","address":"127.0.0.1"},"worker":{"no":10,"version":1,"activity":[3,0],"created_ms":1796076485650,"since_ms":1796076485650}}',NULL,10,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,11,'worker.attributes.update',1796076485660,'{"origin":{"kind":"account","address":"127.0.0.1"},"worker":{"no":10,"text":1,"version":2,"activity":[3,0],"created_ms":1796076485650,"since_ms":1796076485650}}',NULL,10,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,12,'task-queue.created',1796076485815,'{"origin":{"kind":"account","address":"127.0.0.1"},"queue":[16,0]}',NULL,NULL,NULL,16,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,13,'workflow.created',1796076485856,'{"origin":{"kind":"account","address":"127.0.0.1"},"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,14,'task.created',1796076485877,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"pending","created_ms":1796076485877,"entered_ms":1796076485877},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,15,'workflow.entered',1796076485877,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"pending","created_ms":1796076485877,"entered_ms":1796076485877},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,16,'workflow.target-matched',1796076485877,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"pending","created_ms":1796076485877,"entered_ms":1796076485877},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,17,'task-queue.entered',1796076485877,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"pending","created_ms":1796076485877,"entered_ms":1796076485877},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,18,'reservation.created',1796076485877,'{"task":{"no":19,"status":"reserved","version":1,"created_ms":1796076485877,"entered_ms":1796076485877},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRf5dc1db2f5329b3f7761000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,19,'reservation.accepted',1796076485907,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"assigned","version":2,"created_ms":1796076485877,"entered_ms":1796076485877},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRf5dc1db2f5329b3f7761000000000014","version":1,"age_ms":30},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}',19,10,20,16,17,5,0,0,0,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,20,'task.completed',1796076485927,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"completed","version":3,"created_ms":1796076485877,"entered_ms":1796076485877,"reason":"done"},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}',19,10,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,21,'reservation.completed',1796076485927,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"completed","version":3,"created_ms":1796076485877,"entered_ms":1796076485877,"reason":"done"},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRf5dc1db2f5329b3f7761000000000014","version":2,"age_ms":50},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,22,'task.updated',1796076485927,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":19,"status":"completed","version":3,"created_ms":1796076485877,"entered_ms":1796076485877,"reason":"done"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,23,'workflow.updated',1796076485947,'{"origin":{"kind":"account","address":"127.0.0.1"},"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,24,'task.created',1796076485967,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":21,"status":"pending","created_ms":1796076485967,"entered_ms":1796076485967},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,25,'workflow.entered',1796076485967,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":21,"status":"pending","created_ms":1796076485967,"entered_ms":1796076485967},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,26,'workflow.target-matched',1796076485967,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":21,"status":"pending","created_ms":1796076485967,"entered_ms":1796076485967},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,27,'task-queue.entered',1796076485967,'{"origin":{"kind":"account","address":"127.0.0.1"},"task":{"no":21,"status":"pending","created_ms":1796076485967,"entered_ms":1796076485967},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,28,'reservation.created',1796076485967,'{"task":{"no":21,"status":"reserved","version":1,"created_ms":1796076485967,"entered_ms":1796076485967},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR88e6b8da1d9289252817000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,29,'reservation.canceled',1796076485987,'{"origin":{"source":"callback"},"task":{"no":21,"status":"pending","version":2,"created_ms":1796076485967,"entered_ms":1796076485967},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR88e6b8da1d9289252817000000000016","version":1,"reason_code":0,"age_ms":20},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,30,'workflow.target-matched',1796076485987,'{"origin":{"source":"callback"},"task":{"no":21,"status":"pending","version":2,"created_ms":1796076485967,"entered_ms":1796076485967},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,16,NULL,NULL);
CREATE TABLE event_cursor (
    workspace INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO "event_cursor" VALUES(1,0);
CREATE TABLE roll_up (
    workspace INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL, -- up to here events are summed up
    seconds_from_s INTEGER NOT NULL -- sums of seconds before this are no longer kept
) STRICT;
CREATE TABLE snapshot (
    workspace INTEGER NOT NULL,
    no INTEGER NOT NULL,
    text INTEGER NOT NULL,
    body TEXT NOT NULL, until_ms INTEGER,
    PRIMARY KEY (workspace, no, text)
) STRICT;
INSERT INTO "snapshot" VALUES(1,1,0,'{"sid":"WS440a90e5e82699e5b27a01a22e803c07","name":"kept"}',NULL);
INSERT INTO "snapshot" VALUES(1,2,0,'{"sid":"WAc070463186345581294f000000000002","name":"Offline","available":false}',NULL);
INSERT INTO "snapshot" VALUES(1,3,0,'{"sid":"WAb2f155db6cc1a0dab3dd000000000003","name":"Available","available":true}',NULL);
INSERT INTO "snapshot" VALUES(1,4,0,'{"sid":"WA7099ae74e18d86793b09000000000004","name":"Unavailable","available":false}',NULL);
INSERT INTO "snapshot" VALUES(1,5,0,'{"sid":"TC6442874042ed357f68a9000000000005","name":"Default","unique_name":"default","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,6,0,'{"sid":"TC5ee90727ec95e78eb56f000000000006","name":"Voice","unique_name":"voice","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,7,0,'{"sid":"TCac13aa1bcba47e1296b6000000000007","name":"Chat","unique_name":"chat","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,8,0,'{"sid":"TC9cb6fab02431b40a3d85000000000008","name":"SMS","unique_name":"sms","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,9,0,'{"sid":"TCc493d45b067b69148e9b000000000009","name":"Video","unique_name":"video","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,10,0,'{"sid":"WK0c811caae28b64bd416000000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}',1796076485660);
INSERT INTO "snapshot" VALUES(1,10,1,'{"sid":"WK0c811caae28b64bd416000000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}',NULL);
INSERT INTO "snapshot" VALUES(1,16,0,'{"sid":"WQ50c64ce3b12bf8cbd373000000000010","name":"cats","expression":"skills HAS \"cats\""}',NULL);
INSERT INTO "snapshot" VALUES(1,17,0,'{"sid":"WW373ae0cadadf37b0f418000000000011","name":"all"}',NULL);
INSERT INTO "snapshot" VALUES(1,19,0,'{"sid":"WT528ff20ed89d3fc758e1000000000013","attributes":"{\"cat\":\"Tom\"}"}',NULL);
INSERT INTO "snapshot" VALUES(1,21,0,'{"sid":"WT9aa7b4012021657695f6000000000015","attributes":"{\"cat\":\"Tom\"}"}',NULL);
CREATE TABLE tally (
    workspace INTEGER NOT NULL,
    size_s INTEGER NOT NULL, -- 1 or 3600
    subject INTEGER NOT NULL,
    start_s INTEGER NOT NULL, -- a multiple of the size
    channel INTEGER NOT NULL, -- 0: none
    type TEXT NOT NULL,
    count INTEGER NOT NULL,
    age_s_total INTEGER,
    age_s_least INTEGER,
    age_s_greatest INTEGER,
    queue_age_s_total INTEGER,
    queue_age_s_least INTEGER,
    queue_age_s_greatest INTEGER,
    PRIMARY KEY (workspace, size_s, subject, start_s, channel, type)
) STRICT, WITHOUT ROWID;
CREATE TABLE workspace (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    sid TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    version INTEGER NOT NULL,
    token TEXT NOT NULL,
    seq INTEGER NOT NULL,
    next_no INTEGER NOT NULL,
    now_ms INTEGER NOT NULL,
    deadline_ms INTEGER,
    deleted_ms INTEGER
) STRICT;
INSERT INTO "workspace" VALUES(1,'WS440a90e5e82699e5b27a01a22e803c07','ACa6b4bc42be6cdb797f9cb7a81b113418',11,'7eba64b9b84890ca44ebf76b32908e75',30,23,1796076485987,1796076486987,NULL);
CREATE INDEX entity_ended_by_task ON entity (workspace, task, no) WHERE live = 0 AND task IS NOT NULL;
CREATE INDEX entity_ended_by_worker ON entity (workspace, worker, no) WHERE live = 0 AND worker IS NOT NULL;
CREATE INDEX entity_ended_other ON entity (workspace, no) WHERE live = 0 AND task IS NULL;
CREATE INDEX entity_vanish ON entity (vanish_ms) WHERE vanish_ms IS NOT NULL;
CREATE INDEX event_by_task ON event (workspace, task, seq) WHERE task IS NOT NULL;
CREATE INDEX event_by_worker ON event (workspace, worker, seq) WHERE worker IS NOT NULL;
CREATE INDEX event_by_reservation ON event (workspace, reservation, seq) WHERE reservation IS NOT NULL;
CREATE INDEX delivery_due ON delivery (due_ms) WHERE verdict IS NULL AND kind = 'assignment';
CREATE INDEX delivery_unfinished ON delivery (workspace) WHERE verdict IS NULL;
CREATE INDEX delivery_finished ON delivery (finished_ms) WHERE finished_ms IS NOT NULL;
CREATE INDEX delivery_failed ON delivery (workspace, seq, kind) WHERE failed = 1;
CREATE INDEX delivery_by_task ON delivery (workspace, task, seq, kind) WHERE task IS NOT NULL;
CREATE INDEX event_waits ON event (workspace, seq, type, at_ms, queue, workflow, channel, split_age_s)
WHERE split_age_s IS NOT NULL;
CREATE INDEX event_stays ON event (workspace, seq, worker, previous, at_ms, spent_ms) WHERE spent_ms IS NOT NULL;
CREATE INDEX tally_by_time ON tally (workspace, size_s, start_s);
CREATE INDEX snapshot_until ON snapshot (workspace, until_ms) WHERE until_ms IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('workspace',1);
COMMIT;
PRAGMA user_version = 6;
