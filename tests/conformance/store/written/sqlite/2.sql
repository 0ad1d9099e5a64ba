BEGIN TRANSACTION;
CREATE TABLE account (
    sid TEXT PRIMARY KEY,
    auth_token TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
, secondary_token TEXT, owner TEXT, updated_ms INTEGER) STRICT, WITHOUT ROWID;
INSERT INTO "account" VALUES('AC8ddf5f2ae78bc65981924fe87ca6c22e','00000000000000000000000000000000','My account',1796069960868,NULL,NULL,NULL);
CREATE TABLE api_key (
    sid TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    secret_hash TEXT NOT NULL, -- SHA-256 of the secret, in hexadecimal
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE commit_log (
    workspace INTEGER NOT NULL,
    version INTEGER NOT NULL,
    token TEXT NOT NULL,
    PRIMARY KEY (workspace, version)
) STRICT, WITHOUT ROWID;
INSERT INTO "commit_log" VALUES(1,1,'a280ce69cd393ca14e9ed6cb695ee17f');
INSERT INTO "commit_log" VALUES(1,2,'87ed0ef86d3a292ca04bfde287e8d80d');
INSERT INTO "commit_log" VALUES(1,3,'067db75666431cdfe687817c945774c1');
INSERT INTO "commit_log" VALUES(1,4,'b24548b5ab94f2a3ab7f082bb0063493');
INSERT INTO "commit_log" VALUES(1,5,'ee5fe8e100225ef50176beaa7eca7970');
INSERT INTO "commit_log" VALUES(1,6,'424d317296dbd587e8729c14eeb50941');
INSERT INTO "commit_log" VALUES(1,7,'e4d6c0da138d4626eb3a05b60bc5b09b');
INSERT INTO "commit_log" VALUES(1,8,'84d5b0d35c7fda252b124a82fd99046d');
INSERT INTO "commit_log" VALUES(1,9,'26b71ff0d0e418c1b1ec95cc2b7ff1d6');
INSERT INTO "commit_log" VALUES(1,10,'ab692139c3a85e60aa093f139f7329ee');
INSERT INTO "commit_log" VALUES(1,11,'5b2d38ab1c2342b4779e1e3afec88a23');
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
INSERT INTO "delivery" VALUES(1,'assignment',28,'http://127.0.0.1:9/offers',NULL,21,22,1796069961011,1796069991011,'failed',1,'the reservation was canceled, and its task will be offered again after a pause','[{"url":"http://127.0.0.1:9/offers","at_ms":1796069961013,"took_ms":1,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]',1796069961015);
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
INSERT INTO "entity" VALUES(1,1,'workspace','WSe14075854587de1dc4e401a22e1cad09',1,'{"type":"workspace","no":1,"sid":"WSe14075854587de1dc4e401a22e1cad09","created_ms":1796069960969,"updated_ms":1796069960969,"account_sid":"AC8ddf5f2ae78bc65981924fe87ca6c22e","friendly_name":"kept","default_activity":2,"timeout_activity":2}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,2,'activity','WAf6799a25d1f3a5997f9b000000000002',1,'{"type":"activity","no":2,"sid":"WAf6799a25d1f3a5997f9b000000000002","created_ms":1796069960969,"updated_ms":1796069960969,"friendly_name":"Offline"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,3,'activity','WAbbae67ad457cfb969e29000000000003',1,'{"type":"activity","no":3,"sid":"WAbbae67ad457cfb969e29000000000003","created_ms":1796069960969,"updated_ms":1796069960969,"friendly_name":"Available","available":true}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,4,'activity','WAc1b8c6d203caea0f0378000000000004',1,'{"type":"activity","no":4,"sid":"WAc1b8c6d203caea0f0378000000000004","created_ms":1796069960969,"updated_ms":1796069960969,"friendly_name":"Unavailable"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,5,'task_channel','TC2d32469a4f15308e247e000000000005',1,'{"type":"task_channel","no":5,"sid":"TC2d32469a4f15308e247e000000000005","created_ms":1796069960969,"updated_ms":1796069960969,"friendly_name":"Default","unique_name":"default"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,6,'task_channel','TCbe9db735effb7bd691d0000000000006',1,'{"type":"task_channel","no":6,"sid":"TCbe9db735effb7bd691d0000000000006","created_ms":1796069960969,"updated_ms":1796069960969,"friendly_name":"Voice","unique_name":"voice"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,7,'task_channel','TC427b3d7e84dbdce74ff2000000000007',1,'{"type":"task_channel","no":7,"sid":"TC427b3d7e84dbdce74ff2000000000007","created_ms":1796069960969,"updated_ms":1796069960969,"friendly_name":"Chat","unique_name":"chat"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,8,'task_channel','TCb0fb0f328d572a44f1da000000000008',1,'{"type":"task_channel","no":8,"sid":"TCb0fb0f328d572a44f1da000000000008","created_ms":1796069960969,"updated_ms":1796069960969,"friendly_name":"SMS","unique_name":"sms"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,9,'task_channel','TC0310f328f1708e70fbf8000000000009',1,'{"type":"task_channel","no":9,"sid":"TC0310f328f1708e70fbf8000000000009","created_ms":1796069960969,"updated_ms":1796069960969,"friendly_name":"Video","unique_name":"video"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,10,'worker','WKcb7abd72c7ff611a91ec00000000000a',1,'{"type":"worker","no":10,"sid":"WKcb7abd72c7ff611a91ec00000000000a","created_ms":1796069960973,"updated_ms":1796069960975,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796069960973,"version":4,"last_reserved":22}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,11,'worker_channel','WCb910ea916500191c72fe00000000000b',1,'{"type":"worker_channel","no":11,"sid":"WCb910ea916500191c72fe00000000000b","created_ms":1796069960973,"updated_ms":1796069960973,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796069961011}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,12,'worker_channel','WC8fbac9e7e8f556637e5e00000000000c',1,'{"type":"worker_channel","no":12,"sid":"WC8fbac9e7e8f556637e5e00000000000c","created_ms":1796069960973,"updated_ms":1796069960973,"worker":10,"channel":6}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,13,'worker_channel','WCa7d0b6768c4a7ccedbdc00000000000d',1,'{"type":"worker_channel","no":13,"sid":"WCa7d0b6768c4a7ccedbdc00000000000d","created_ms":1796069960973,"updated_ms":1796069960973,"worker":10,"channel":7}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,14,'worker_channel','WC3d2f1861cf7f24d6f3b800000000000e',1,'{"type":"worker_channel","no":14,"sid":"WC3d2f1861cf7f24d6f3b800000000000e","created_ms":1796069960973,"updated_ms":1796069960973,"worker":10,"channel":8}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,15,'worker_channel','WCdd64d03430fcb7f3501400000000000f',1,'{"type":"worker_channel","no":15,"sid":"WCdd64d03430fcb7f3501400000000000f","created_ms":1796069960973,"updated_ms":1796069960973,"worker":10,"channel":9}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,16,'task_queue','WQba7eee12b6e9267b7fec000000000010',1,'{"type":"task_queue","no":16,"sid":"WQba7eee12b6e9267b7fec000000000010","created_ms":1796069960999,"updated_ms":1796069960999,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}',NULL,NULL,NULL,4);
INSERT INTO "entity" VALUES(1,17,'workflow','WW5e9b37071ec9714eae8a000000000011',1,'{"type":"workflow","no":17,"sid":"WW5e9b37071ec9714eae8a000000000011","created_ms":1796069961002,"updated_ms":1796069961010,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}',NULL,NULL,NULL,9);
INSERT INTO "entity" VALUES(1,18,'configuration','XC0c9093618dcfb87874ce000000000012',1,'{"type":"configuration","no":18,"sid":"XC0c9093618dcfb87874ce000000000012","created_ms":1796069961002,"updated_ms":1796069961002,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQba7eee12b6e9267b7fec000000000010\"}}}"}',NULL,NULL,NULL,5);
INSERT INTO "entity" VALUES(1,19,'task','WT503a66d412f960bccc16000000000013',0,'{"type":"task","no":19,"sid":"WT503a66d412f960bccc16000000000013","created_ms":1796069961004,"updated_ms":1796069961008,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796069961004,"place":[18,-1,0,1796069961004,0],"timeout_s":86400,"virtual_start_ms":1796069961004,"reason":"done","version":3,"rounds":1,"assigned_ms":1796069961007,"ended_ms":1796069961008}',NULL,NULL,1796070261008,8);
INSERT INTO "entity" VALUES(1,20,'reservation','WRe22880522a1da4ee17f7000000000014',0,'{"type":"reservation","no":20,"sid":"WRe22880522a1da4ee17f7000000000014","created_ms":1796069961004,"updated_ms":1796069961008,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796070081004,"previous_activity":3,"ended_ms":1796069961008}',19,10,NULL,8);
INSERT INTO "entity" VALUES(1,21,'task','WT7cec888ed56286d17fe9000000000015',1,'{"type":"task","no":21,"sid":"WT7cec888ed56286d17fe9000000000015","created_ms":1796069961011,"updated_ms":1796069961014,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796069961011,"place":[18,-1,0,1796069961011,0],"timeout_s":86400,"virtual_start_ms":1796069961011,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796069962014}',NULL,NULL,NULL,11);
INSERT INTO "entity" VALUES(1,22,'reservation','WR2e3c38f97329a433f7b4000000000016',0,'{"type":"reservation","no":22,"sid":"WR2e3c38f97329a433f7b4000000000016","created_ms":1796069961011,"updated_ms":1796069961014,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796070081011,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796069961014}',21,10,NULL,11);
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
    channel INTEGER,
    PRIMARY KEY (workspace, seq)
) STRICT;
INSERT INTO "event" VALUES(1,1,'workspace.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0]}',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,2,'activity.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[2,0]}',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,3,'activity.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[3,0]}',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,4,'activity.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[4,0]}',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,5,'task-channel.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[5,0]}',NULL,NULL,NULL,NULL,NULL,5);
INSERT INTO "event" VALUES(1,6,'task-channel.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[6,0]}',NULL,NULL,NULL,NULL,NULL,6);
INSERT INTO "event" VALUES(1,7,'task-channel.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[7,0]}',NULL,NULL,NULL,NULL,NULL,7);
INSERT INTO "event" VALUES(1,8,'task-channel.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[8,0]}',NULL,NULL,NULL,NULL,NULL,8);
INSERT INTO "event" VALUES(1,9,'task-channel.created',1796069960969,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[9,0]}',NULL,NULL,NULL,NULL,NULL,9);
INSERT INTO "event" VALUES(1,10,'worker.created',1796069960973,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"version":1,"activity":[3,0]}}',NULL,10,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,11,'worker.attributes.update',1796069960975,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"text":1,"version":2,"activity":[3,0]}}',NULL,10,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,12,'task-queue.created',1796069960999,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"queue":[16,0]}',NULL,NULL,NULL,16,NULL,NULL);
INSERT INTO "event" VALUES(1,13,'workflow.created',1796069961002,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL);
INSERT INTO "event" VALUES(1,14,'task.created',1796069961004,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069961004,"entered_ms":1796069961004},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,15,'workflow.entered',1796069961004,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069961004,"entered_ms":1796069961004},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,16,'workflow.target-matched',1796069961004,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069961004,"entered_ms":1796069961004},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,17,'task-queue.entered',1796069961004,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069961004,"entered_ms":1796069961004},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,18,'reservation.created',1796069961004,'{"workspace":[1,0],"task":{"no":19,"status":"reserved","version":1,"created_ms":1796069961004,"entered_ms":1796069961004},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRe22880522a1da4ee17f7000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5);
INSERT INTO "event" VALUES(1,19,'reservation.accepted',1796069961007,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"assigned","version":2,"created_ms":1796069961004,"entered_ms":1796069961004},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRe22880522a1da4ee17f7000000000014","version":1},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}',19,10,20,16,17,5);
INSERT INTO "event" VALUES(1,20,'task.completed',1796069961008,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069961004,"entered_ms":1796069961004},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}',19,10,NULL,16,17,5);
INSERT INTO "event" VALUES(1,21,'reservation.completed',1796069961008,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069961004,"entered_ms":1796069961004},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRe22880522a1da4ee17f7000000000014","version":2},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5);
INSERT INTO "event" VALUES(1,22,'task.updated',1796069961008,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069961004,"entered_ms":1796069961004},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,23,'workflow.updated',1796069961010,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL);
INSERT INTO "event" VALUES(1,24,'task.created',1796069961011,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069961011,"entered_ms":1796069961011},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,25,'workflow.entered',1796069961011,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069961011,"entered_ms":1796069961011},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,26,'workflow.target-matched',1796069961011,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069961011,"entered_ms":1796069961011},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,27,'task-queue.entered',1796069961011,'{"origin":{"actor":"AC8ddf5f2ae78bc65981924fe87ca6c22e","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069961011,"entered_ms":1796069961011},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,28,'reservation.created',1796069961011,'{"workspace":[1,0],"task":{"no":21,"status":"reserved","version":1,"created_ms":1796069961011,"entered_ms":1796069961011},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR2e3c38f97329a433f7b4000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5);
INSERT INTO "event" VALUES(1,29,'reservation.canceled',1796069961014,'{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796069961011,"entered_ms":1796069961011},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR2e3c38f97329a433f7b4000000000016","version":1,"reason_code":0},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5);
INSERT INTO "event" VALUES(1,30,'workflow.target-matched',1796069961014,'{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796069961011,"entered_ms":1796069961011},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}',21,NULL,NULL,16,17,5);
CREATE TABLE event_cursor (
    workspace INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO "event_cursor" VALUES(1,0);
CREATE TABLE snapshot (
    workspace INTEGER NOT NULL,
    no INTEGER NOT NULL,
    text INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (workspace, no, text)
) STRICT;
INSERT INTO "snapshot" VALUES(1,1,0,'{"sid":"WSe14075854587de1dc4e401a22e1cad09","name":"kept"}');
INSERT INTO "snapshot" VALUES(1,2,0,'{"sid":"WAf6799a25d1f3a5997f9b000000000002","name":"Offline","available":false}');
INSERT INTO "snapshot" VALUES(1,3,0,'{"sid":"WAbbae67ad457cfb969e29000000000003","name":"Available","available":true}');
INSERT INTO "snapshot" VALUES(1,4,0,'{"sid":"WAc1b8c6d203caea0f0378000000000004","name":"Unavailable","available":false}');
INSERT INTO "snapshot" VALUES(1,5,0,'{"sid":"TC2d32469a4f15308e247e000000000005","name":"Default","unique_name":"default","optimized":false}');
INSERT INTO "snapshot" VALUES(1,6,0,'{"sid":"TCbe9db735effb7bd691d0000000000006","name":"Voice","unique_name":"voice","optimized":false}');
INSERT INTO "snapshot" VALUES(1,7,0,'{"sid":"TC427b3d7e84dbdce74ff2000000000007","name":"Chat","unique_name":"chat","optimized":false}');
INSERT INTO "snapshot" VALUES(1,8,0,'{"sid":"TCb0fb0f328d572a44f1da000000000008","name":"SMS","unique_name":"sms","optimized":false}');
INSERT INTO "snapshot" VALUES(1,9,0,'{"sid":"TC0310f328f1708e70fbf8000000000009","name":"Video","unique_name":"video","optimized":false}');
INSERT INTO "snapshot" VALUES(1,10,0,'{"sid":"WKcb7abd72c7ff611a91ec00000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}');
INSERT INTO "snapshot" VALUES(1,10,1,'{"sid":"WKcb7abd72c7ff611a91ec00000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}');
INSERT INTO "snapshot" VALUES(1,16,0,'{"sid":"WQba7eee12b6e9267b7fec000000000010","name":"cats","expression":"skills HAS \"cats\""}');
INSERT INTO "snapshot" VALUES(1,17,0,'{"sid":"WW5e9b37071ec9714eae8a000000000011","name":"all"}');
INSERT INTO "snapshot" VALUES(1,19,0,'{"sid":"WT503a66d412f960bccc16000000000013","attributes":"{\"cat\":\"Tom\"}"}');
INSERT INTO "snapshot" VALUES(1,21,0,'{"sid":"WT7cec888ed56286d17fe9000000000015","attributes":"{\"cat\":\"Tom\"}"}');
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
INSERT INTO "workspace" VALUES(1,'WSe14075854587de1dc4e401a22e1cad09','AC8ddf5f2ae78bc65981924fe87ca6c22e',11,'5b2d38ab1c2342b4779e1e3afec88a23',30,23,1796069961014,1796069962014,NULL);
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('workspace',1);
COMMIT;
PRAGMA user_version = 2;
