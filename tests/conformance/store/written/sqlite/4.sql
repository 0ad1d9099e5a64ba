BEGIN TRANSACTION;
CREATE TABLE account (
    sid TEXT PRIMARY KEY,
    auth_token TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
, secondary_token TEXT, owner TEXT, updated_ms INTEGER) STRICT, WITHOUT ROWID;
INSERT INTO "account" VALUES('AC6ea8b15bbc1d04161b42fc54b349501d','00000000000000000000000000000000','My account',1796069965020,NULL,NULL,NULL);
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
INSERT INTO "commit_log" VALUES(1,1,'40200ba1a9b8fc75969ab287d54a7252');
INSERT INTO "commit_log" VALUES(1,2,'3043a59e4b4bd5a63002ab1628401866');
INSERT INTO "commit_log" VALUES(1,3,'a911d532c412482df28f120ed2967ce6');
INSERT INTO "commit_log" VALUES(1,4,'fd178094771c206505c9e5736800af7c');
INSERT INTO "commit_log" VALUES(1,5,'e340afbd270663fe7941e93527129c57');
INSERT INTO "commit_log" VALUES(1,6,'372284bb0358ef6251f63b73130708c1');
INSERT INTO "commit_log" VALUES(1,7,'ee86096e6df47c6df98c531f6a40c77a');
INSERT INTO "commit_log" VALUES(1,8,'255c7d20fd70123ba29ce2bb3a229a3d');
INSERT INTO "commit_log" VALUES(1,9,'6621824e606e8efcc4d916b84cacf338');
INSERT INTO "commit_log" VALUES(1,10,'6a1b12bc3ac419550718e770fc378669');
INSERT INTO "commit_log" VALUES(1,11,'e3cbcbe023db747c591d17b91981b678');
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
INSERT INTO "delivery" VALUES(1,'assignment',28,'http://127.0.0.1:9/offers',NULL,21,22,1796069965446,1796069995446,'failed',1,'the reservation was canceled, and its task will be offered again after a pause','[{"url":"http://127.0.0.1:9/offers","at_ms":1796069965452,"took_ms":4,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]',1796069965457);
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
INSERT INTO "entity" VALUES(1,1,'workspace','WSc87fe0e5133406dcaf5301a22e1cbe23',1,'{"type":"workspace","no":1,"sid":"WSc87fe0e5133406dcaf5301a22e1cbe23","created_ms":1796069965347,"updated_ms":1796069965347,"account_sid":"AC6ea8b15bbc1d04161b42fc54b349501d","friendly_name":"kept","default_activity":2,"timeout_activity":2}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,2,'activity','WA256bf73468de244d39e5000000000002',1,'{"type":"activity","no":2,"sid":"WA256bf73468de244d39e5000000000002","created_ms":1796069965347,"updated_ms":1796069965347,"friendly_name":"Offline"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,3,'activity','WAfd76a0d2fa6e78e0e1e7000000000003',1,'{"type":"activity","no":3,"sid":"WAfd76a0d2fa6e78e0e1e7000000000003","created_ms":1796069965347,"updated_ms":1796069965347,"friendly_name":"Available","available":true}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,4,'activity','WAf9a55cd052fdb35bf3be000000000004',1,'{"type":"activity","no":4,"sid":"WAf9a55cd052fdb35bf3be000000000004","created_ms":1796069965347,"updated_ms":1796069965347,"friendly_name":"Unavailable"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,5,'task_channel','TC13b8670a6e158bcbec93000000000005',1,'{"type":"task_channel","no":5,"sid":"TC13b8670a6e158bcbec93000000000005","created_ms":1796069965347,"updated_ms":1796069965347,"friendly_name":"Default","unique_name":"default"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,6,'task_channel','TCc8a9e6ae5810d0c7c26d000000000006',1,'{"type":"task_channel","no":6,"sid":"TCc8a9e6ae5810d0c7c26d000000000006","created_ms":1796069965347,"updated_ms":1796069965347,"friendly_name":"Voice","unique_name":"voice"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,7,'task_channel','TCd36e3960c9b369bb270a000000000007',1,'{"type":"task_channel","no":7,"sid":"TCd36e3960c9b369bb270a000000000007","created_ms":1796069965347,"updated_ms":1796069965347,"friendly_name":"Chat","unique_name":"chat"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,8,'task_channel','TCa117d5711a05a4902f7c000000000008',1,'{"type":"task_channel","no":8,"sid":"TCa117d5711a05a4902f7c000000000008","created_ms":1796069965347,"updated_ms":1796069965347,"friendly_name":"SMS","unique_name":"sms"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,9,'task_channel','TC40072fc9ebdc8b0ac746000000000009',1,'{"type":"task_channel","no":9,"sid":"TC40072fc9ebdc8b0ac746000000000009","created_ms":1796069965347,"updated_ms":1796069965347,"friendly_name":"Video","unique_name":"video"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,10,'worker','WK4ef87526195082c3284900000000000a',1,'{"type":"worker","no":10,"sid":"WK4ef87526195082c3284900000000000a","created_ms":1796069965361,"updated_ms":1796069965363,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796069965361,"version":4,"last_reserved":22}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,11,'worker_channel','WC0685dab55c7abc1ec58800000000000b',1,'{"type":"worker_channel","no":11,"sid":"WC0685dab55c7abc1ec58800000000000b","created_ms":1796069965361,"updated_ms":1796069965361,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796069965446}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,12,'worker_channel','WCa1afb054f30a5e3e0b5400000000000c',1,'{"type":"worker_channel","no":12,"sid":"WCa1afb054f30a5e3e0b5400000000000c","created_ms":1796069965361,"updated_ms":1796069965361,"worker":10,"channel":6}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,13,'worker_channel','WCd0e449e7e1deef6da6df00000000000d',1,'{"type":"worker_channel","no":13,"sid":"WCd0e449e7e1deef6da6df00000000000d","created_ms":1796069965361,"updated_ms":1796069965361,"worker":10,"channel":7}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,14,'worker_channel','WC7247d221310079e325f500000000000e',1,'{"type":"worker_channel","no":14,"sid":"WC7247d221310079e325f500000000000e","created_ms":1796069965361,"updated_ms":1796069965361,"worker":10,"channel":8}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,15,'worker_channel','WCe6533f89793d1e59107d00000000000f',1,'{"type":"worker_channel","no":15,"sid":"WCe6533f89793d1e59107d00000000000f","created_ms":1796069965361,"updated_ms":1796069965361,"worker":10,"channel":9}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,16,'task_queue','WQ17c2666b363143211cbb000000000010',1,'{"type":"task_queue","no":16,"sid":"WQ17c2666b363143211cbb000000000010","created_ms":1796069965417,"updated_ms":1796069965417,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}',NULL,NULL,NULL,4);
INSERT INTO "entity" VALUES(1,17,'workflow','WW02e1dc445fee715b5ff0000000000011',1,'{"type":"workflow","no":17,"sid":"WW02e1dc445fee715b5ff0000000000011","created_ms":1796069965425,"updated_ms":1796069965444,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}',NULL,NULL,NULL,9);
INSERT INTO "entity" VALUES(1,18,'configuration','XC96a62121d846d5ec1c66000000000012',1,'{"type":"configuration","no":18,"sid":"XC96a62121d846d5ec1c66000000000012","created_ms":1796069965425,"updated_ms":1796069965425,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQ17c2666b363143211cbb000000000010\"}}}"}',NULL,NULL,NULL,5);
INSERT INTO "entity" VALUES(1,19,'task','WT048c9818b904d3c0f7f8000000000013',0,'{"type":"task","no":19,"sid":"WT048c9818b904d3c0f7f8000000000013","created_ms":1796069965432,"updated_ms":1796069965441,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796069965432,"place":[18,-1,0,1796069965432,0],"timeout_s":86400,"virtual_start_ms":1796069965432,"reason":"done","version":3,"rounds":1,"assigned_ms":1796069965438,"ended_ms":1796069965441}',NULL,NULL,1796070265441,8);
INSERT INTO "entity" VALUES(1,20,'reservation','WR338c054ff492833937fb000000000014',0,'{"type":"reservation","no":20,"sid":"WR338c054ff492833937fb000000000014","created_ms":1796069965432,"updated_ms":1796069965441,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796070085432,"previous_activity":3,"ended_ms":1796069965441}',19,10,NULL,8);
INSERT INTO "entity" VALUES(1,21,'task','WT3b7289e52a2d3a8401be000000000015',1,'{"type":"task","no":21,"sid":"WT3b7289e52a2d3a8401be000000000015","created_ms":1796069965446,"updated_ms":1796069965455,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796069965446,"place":[18,-1,0,1796069965446,0],"timeout_s":86400,"virtual_start_ms":1796069965446,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796069966455}',NULL,NULL,NULL,11);
INSERT INTO "entity" VALUES(1,22,'reservation','WR05990bb7fc92905432c1000000000016',0,'{"type":"reservation","no":22,"sid":"WR05990bb7fc92905432c1000000000016","created_ms":1796069965446,"updated_ms":1796069965455,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796070085446,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796069965455}',21,10,NULL,11);
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
INSERT INTO "event" VALUES(1,1,'workspace.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,2,'activity.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[2,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,3,'activity.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[3,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,4,'activity.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[4,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,5,'task-channel.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[5,0]}',NULL,NULL,NULL,NULL,NULL,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,6,'task-channel.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[6,0]}',NULL,NULL,NULL,NULL,NULL,6,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,7,'task-channel.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[7,0]}',NULL,NULL,NULL,NULL,NULL,7,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,8,'task-channel.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[8,0]}',NULL,NULL,NULL,NULL,NULL,8,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,9,'task-channel.created',1796069965347,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[9,0]}',NULL,NULL,NULL,NULL,NULL,9,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,10,'worker.created',1796069965361,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"version":1,"activity":[3,0]}}',NULL,10,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,11,'worker.attributes.update',1796069965363,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"text":1,"version":2,"activity":[3,0]}}',NULL,10,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,12,'task-queue.created',1796069965417,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"queue":[16,0]}',NULL,NULL,NULL,16,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,13,'workflow.created',1796069965425,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,14,'task.created',1796069965432,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069965432,"entered_ms":1796069965432},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,15,'workflow.entered',1796069965432,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069965432,"entered_ms":1796069965432},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,16,'workflow.target-matched',1796069965432,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069965432,"entered_ms":1796069965432},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,17,'task-queue.entered',1796069965432,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069965432,"entered_ms":1796069965432},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,18,'reservation.created',1796069965432,'{"workspace":[1,0],"task":{"no":19,"status":"reserved","version":1,"created_ms":1796069965432,"entered_ms":1796069965432},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR338c054ff492833937fb000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,19,'reservation.accepted',1796069965438,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"assigned","version":2,"created_ms":1796069965432,"entered_ms":1796069965432},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR338c054ff492833937fb000000000014","version":1},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}',19,10,20,16,17,5,0,0,0,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,20,'task.completed',1796069965441,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069965432,"entered_ms":1796069965432},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}',19,10,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,21,'reservation.completed',1796069965441,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069965432,"entered_ms":1796069965432},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR338c054ff492833937fb000000000014","version":2},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,22,'task.updated',1796069965441,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069965432,"entered_ms":1796069965432},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,23,'workflow.updated',1796069965444,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,24,'task.created',1796069965446,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069965446,"entered_ms":1796069965446},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,25,'workflow.entered',1796069965446,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069965446,"entered_ms":1796069965446},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,26,'workflow.target-matched',1796069965446,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069965446,"entered_ms":1796069965446},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,27,'task-queue.entered',1796069965446,'{"origin":{"actor":"AC6ea8b15bbc1d04161b42fc54b349501d","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069965446,"entered_ms":1796069965446},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,28,'reservation.created',1796069965446,'{"workspace":[1,0],"task":{"no":21,"status":"reserved","version":1,"created_ms":1796069965446,"entered_ms":1796069965446},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR05990bb7fc92905432c1000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,29,'reservation.canceled',1796069965455,'{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796069965446,"entered_ms":1796069965446},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR05990bb7fc92905432c1000000000016","version":1,"reason_code":0},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,30,'workflow.target-matched',1796069965455,'{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796069965446,"entered_ms":1796069965446},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,16,NULL,NULL);
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
INSERT INTO "snapshot" VALUES(1,1,0,'{"sid":"WSc87fe0e5133406dcaf5301a22e1cbe23","name":"kept"}',NULL);
INSERT INTO "snapshot" VALUES(1,2,0,'{"sid":"WA256bf73468de244d39e5000000000002","name":"Offline","available":false}',NULL);
INSERT INTO "snapshot" VALUES(1,3,0,'{"sid":"WAfd76a0d2fa6e78e0e1e7000000000003","name":"Available","available":true}',NULL);
INSERT INTO "snapshot" VALUES(1,4,0,'{"sid":"WAf9a55cd052fdb35bf3be000000000004","name":"Unavailable","available":false}',NULL);
INSERT INTO "snapshot" VALUES(1,5,0,'{"sid":"TC13b8670a6e158bcbec93000000000005","name":"Default","unique_name":"default","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,6,0,'{"sid":"TCc8a9e6ae5810d0c7c26d000000000006","name":"Voice","unique_name":"voice","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,7,0,'{"sid":"TCd36e3960c9b369bb270a000000000007","name":"Chat","unique_name":"chat","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,8,0,'{"sid":"TCa117d5711a05a4902f7c000000000008","name":"SMS","unique_name":"sms","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,9,0,'{"sid":"TC40072fc9ebdc8b0ac746000000000009","name":"Video","unique_name":"video","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,10,0,'{"sid":"WK4ef87526195082c3284900000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}',1796069965363);
INSERT INTO "snapshot" VALUES(1,10,1,'{"sid":"WK4ef87526195082c3284900000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}',NULL);
INSERT INTO "snapshot" VALUES(1,16,0,'{"sid":"WQ17c2666b363143211cbb000000000010","name":"cats","expression":"skills HAS \"cats\""}',NULL);
INSERT INTO "snapshot" VALUES(1,17,0,'{"sid":"WW02e1dc445fee715b5ff0000000000011","name":"all"}',NULL);
INSERT INTO "snapshot" VALUES(1,19,0,'{"sid":"WT048c9818b904d3c0f7f8000000000013","attributes":"{\"cat\":\"Tom\"}"}',NULL);
INSERT INTO "snapshot" VALUES(1,21,0,'{"sid":"WT3b7289e52a2d3a8401be000000000015","attributes":"{\"cat\":\"Tom\"}"}',NULL);
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
INSERT INTO "workspace" VALUES(1,'WSc87fe0e5133406dcaf5301a22e1cbe23','AC6ea8b15bbc1d04161b42fc54b349501d',11,'e3cbcbe023db747c591d17b91981b678',30,23,1796069965455,1796069966455,NULL);
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
PRAGMA user_version = 4;
