BEGIN TRANSACTION;
CREATE TABLE account (
    sid TEXT PRIMARY KEY,
    auth_token TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
, secondary_token TEXT, owner TEXT, updated_ms INTEGER) STRICT, WITHOUT ROWID;
INSERT INTO "account" VALUES('ACd4e4a049caacb2e762117f88d79ad613','00000000000000000000000000000000','My account',1796076505472,NULL,NULL,NULL);
CREATE TABLE api_key (
    sid TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    secret_hash TEXT NOT NULL, -- SHA-256 of the secret, in hexadecimal
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
, secret TEXT) STRICT, WITHOUT ROWID;
INSERT INTO "api_key" VALUES('SKc91e1c508f426a437bf301a22e808b96','ACd4e4a049caacb2e762117f88d79ad613','27f2674c299c4ba3d7bf7c176d32689aa71772ae585b7a8eeefbf5fc9bef552f','pages',1796076506006,1796076506006,'00000000000000000000000000000000');
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
INSERT INTO "commit_log" VALUES(1,1,'bb1d0ed2b5a34def0abbe0eef6258faf');
INSERT INTO "commit_log" VALUES(1,2,'0f1ad14fb531fb960e57c273362a89ff');
INSERT INTO "commit_log" VALUES(1,3,'043ae9c10a1bbafc54b5e7cc2f9976a9');
INSERT INTO "commit_log" VALUES(1,4,'b726a081cde5620d5ac39921cd76c661');
INSERT INTO "commit_log" VALUES(1,5,'34c92817f48196de75eaec8bb55b6c06');
INSERT INTO "commit_log" VALUES(1,6,'6d99f2a9efffd79dcb4ac6b126e67853');
INSERT INTO "commit_log" VALUES(1,7,'a2e02858b53bfd073ddf94996c987acc');
INSERT INTO "commit_log" VALUES(1,8,'17810656f08a42377a13b8d2df257c02');
INSERT INTO "commit_log" VALUES(1,9,'96e20d1c2e66f3c6198bcf4d8ae24cf4');
INSERT INTO "commit_log" VALUES(1,10,'7fa011fa2cec40d1c49db8c15e94fb32');
INSERT INTO "commit_log" VALUES(1,11,'701b88c70f387fa9af331f55ae712dfd');
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
INSERT INTO "delivery" VALUES(1,'assignment',28,'http://127.0.0.1:9/offers',NULL,21,22,1796076506569,1796076536569,'failed',1,'the reservation was canceled, and its task will be offered again after a pause','[{"url":"http://127.0.0.1:9/offers","at_ms":1796076506600,"took_ms":1,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]',1796076506611);
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
INSERT INTO "entity" VALUES(1,1,'workspace','WS87d07ee2d0c3b70a183101a22e808b91',1,'{"type":"workspace","no":1,"sid":"WS87d07ee2d0c3b70a183101a22e808b91","created_ms":1796076506001,"updated_ms":1796076506001,"account_sid":"ACd4e4a049caacb2e762117f88d79ad613","friendly_name":"kept","default_activity":2,"timeout_activity":2}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,2,'activity','WA58633e43c92b48d57a82000000000002',1,'{"type":"activity","no":2,"sid":"WA58633e43c92b48d57a82000000000002","created_ms":1796076506001,"updated_ms":1796076506001,"friendly_name":"Offline"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,3,'activity','WAd123ccce81f7b79e8f9e000000000003',1,'{"type":"activity","no":3,"sid":"WAd123ccce81f7b79e8f9e000000000003","created_ms":1796076506001,"updated_ms":1796076506001,"friendly_name":"Available","available":true}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,4,'activity','WA35c1297b8d176891b1e1000000000004',1,'{"type":"activity","no":4,"sid":"WA35c1297b8d176891b1e1000000000004","created_ms":1796076506001,"updated_ms":1796076506001,"friendly_name":"Unavailable"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,5,'task_channel','TC3a1af65db20da03a1bac000000000005',1,'{"type":"task_channel","no":5,"sid":"TC3a1af65db20da03a1bac000000000005","created_ms":1796076506001,"updated_ms":1796076506001,"friendly_name":"Default","unique_name":"default"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,6,'task_channel','TC741ae5db78584394b3df000000000006',1,'{"type":"task_channel","no":6,"sid":"TC741ae5db78584394b3df000000000006","created_ms":1796076506001,"updated_ms":1796076506001,"friendly_name":"Voice","unique_name":"voice"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,7,'task_channel','TC667f6130f7cb8a03ca88000000000007',1,'{"type":"task_channel","no":7,"sid":"TC667f6130f7cb8a03ca88000000000007","created_ms":1796076506001,"updated_ms":1796076506001,"friendly_name":"Chat","unique_name":"chat"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,8,'task_channel','TCeaa6a03d5da2fe5e43f8000000000008',1,'{"type":"task_channel","no":8,"sid":"TCeaa6a03d5da2fe5e43f8000000000008","created_ms":1796076506001,"updated_ms":1796076506001,"friendly_name":"SMS","unique_name":"sms"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,9,'task_channel','TC5b40762c53b8c26aeb4e000000000009',1,'{"type":"task_channel","no":9,"sid":"TC5b40762c53b8c26aeb4e000000000009","created_ms":1796076506001,"updated_ms":1796076506001,"friendly_name":"Video","unique_name":"video"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,10,'worker','WK1781b6612780f2bd4ab500000000000a',1,'{"type":"worker","no":10,"sid":"WK1781b6612780f2bd4ab500000000000a","created_ms":1796076506009,"updated_ms":1796076506050,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796076506009,"version":4,"last_reserved":22}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,11,'worker_channel','WCd21a603e3bfc5dcf22a800000000000b',1,'{"type":"worker_channel","no":11,"sid":"WCd21a603e3bfc5dcf22a800000000000b","created_ms":1796076506009,"updated_ms":1796076506009,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796076506569}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,12,'worker_channel','WC8501497629aadea1d87500000000000c',1,'{"type":"worker_channel","no":12,"sid":"WC8501497629aadea1d87500000000000c","created_ms":1796076506009,"updated_ms":1796076506009,"worker":10,"channel":6}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,13,'worker_channel','WC26939886108c401ecb3900000000000d',1,'{"type":"worker_channel","no":13,"sid":"WC26939886108c401ecb3900000000000d","created_ms":1796076506009,"updated_ms":1796076506009,"worker":10,"channel":7}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,14,'worker_channel','WC73c94e8fbb9842b7924100000000000e',1,'{"type":"worker_channel","no":14,"sid":"WC73c94e8fbb9842b7924100000000000e","created_ms":1796076506009,"updated_ms":1796076506009,"worker":10,"channel":8}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,15,'worker_channel','WC2afbcee40d6e058433c700000000000f',1,'{"type":"worker_channel","no":15,"sid":"WC2afbcee40d6e058433c700000000000f","created_ms":1796076506009,"updated_ms":1796076506009,"worker":10,"channel":9}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,16,'task_queue','WQb0052e1ef7013c886748000000000010',1,'{"type":"task_queue","no":16,"sid":"WQb0052e1ef7013c886748000000000010","created_ms":1796076506392,"updated_ms":1796076506392,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}',NULL,NULL,NULL,4);
INSERT INTO "entity" VALUES(1,17,'workflow','WWff2b21d04cba9009d169000000000011',1,'{"type":"workflow","no":17,"sid":"WWff2b21d04cba9009d169000000000011","created_ms":1796076506414,"updated_ms":1796076506512,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}',NULL,NULL,NULL,9);
INSERT INTO "entity" VALUES(1,18,'configuration','XC9c0d6742aa1e81791778000000000012',1,'{"type":"configuration","no":18,"sid":"XC9c0d6742aa1e81791778000000000012","created_ms":1796076506414,"updated_ms":1796076506414,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQb0052e1ef7013c886748000000000010\"}}}"}',NULL,NULL,NULL,5);
INSERT INTO "entity" VALUES(1,19,'task','WTcdd30b1b231f7371c00f000000000013',0,'{"type":"task","no":19,"sid":"WTcdd30b1b231f7371c00f000000000013","created_ms":1796076506441,"updated_ms":1796076506504,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076506441,"place":[18,-1,0,1796076506441,0],"timeout_s":86400,"virtual_start_ms":1796076506441,"reason":"done","version":3,"rounds":1,"assigned_ms":1796076506495,"ended_ms":1796076506504}',NULL,NULL,1796076806504,8);
INSERT INTO "entity" VALUES(1,20,'reservation','WR7c2f9be85d029b989242000000000014',0,'{"type":"reservation","no":20,"sid":"WR7c2f9be85d029b989242000000000014","created_ms":1796076506441,"updated_ms":1796076506504,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796076626441,"previous_activity":3,"ended_ms":1796076506504}',19,10,NULL,8);
INSERT INTO "entity" VALUES(1,21,'task','WT1f78bfd6347adb206606000000000015',1,'{"type":"task","no":21,"sid":"WT1f78bfd6347adb206606000000000015","created_ms":1796076506569,"updated_ms":1796076506601,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796076506569,"place":[18,-1,0,1796076506569,0],"timeout_s":86400,"virtual_start_ms":1796076506569,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796076507601}',NULL,NULL,NULL,11);
INSERT INTO "entity" VALUES(1,22,'reservation','WR31b2943b18f22e3dc201000000000016',0,'{"type":"reservation","no":22,"sid":"WR31b2943b18f22e3dc201000000000016","created_ms":1796076506569,"updated_ms":1796076506601,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796076626569,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796076506601}',21,10,NULL,11);
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
INSERT INTO "event" VALUES(1,1,'workspace.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,2,'activity.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[2,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,3,'activity.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[3,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,4,'activity.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[4,0]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,5,'task-channel.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[5,0]}',NULL,NULL,NULL,NULL,NULL,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,6,'task-channel.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[6,0]}',NULL,NULL,NULL,NULL,NULL,6,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,7,'task-channel.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[7,0]}',NULL,NULL,NULL,NULL,NULL,7,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,8,'task-channel.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[8,0]}',NULL,NULL,NULL,NULL,NULL,8,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,9,'task-channel.created',1796076506001,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[9,0]}',NULL,NULL,NULL,NULL,NULL,9,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,10,'worker.created',1796076506009,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"version":1,"activity":[3,0],"created_ms":1796076506009,"since_ms":1796076506009}}',NULL,10,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,11,'worker.attributes.update',1796076506050,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"text":1,"version":2,"activity":[3,0],"created_ms":1796076506009,"since_ms":1796076506009}}',NULL,10,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,12,'task-queue.created',1796076506392,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"queue":[16,0]}',NULL,NULL,NULL,16,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,13,'workflow.created',1796076506414,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,14,'task.created',1796076506441,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076506441,"entered_ms":1796076506441},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,15,'workflow.entered',1796076506441,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076506441,"entered_ms":1796076506441},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,16,'workflow.target-matched',1796076506441,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076506441,"entered_ms":1796076506441},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,17,'task-queue.entered',1796076506441,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796076506441,"entered_ms":1796076506441},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,18,'reservation.created',1796076506441,'{"workspace":[1,0],"task":{"no":19,"status":"reserved","version":1,"created_ms":1796076506441,"entered_ms":1796076506441},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR7c2f9be85d029b989242000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,19,'reservation.accepted',1796076506495,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"assigned","version":2,"created_ms":1796076506441,"entered_ms":1796076506441},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR7c2f9be85d029b989242000000000014","version":1,"age_ms":54},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}',19,10,20,16,17,5,0,0,0,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,20,'task.completed',1796076506504,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076506441,"entered_ms":1796076506441,"reason":"done"},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}',19,10,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,21,'reservation.completed',1796076506504,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076506441,"entered_ms":1796076506441,"reason":"done"},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WR7c2f9be85d029b989242000000000014","version":2,"age_ms":63},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,22,'task.updated',1796076506504,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796076506441,"entered_ms":1796076506441,"reason":"done"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,23,'workflow.updated',1796076506512,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,24,'task.created',1796076506569,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076506569,"entered_ms":1796076506569},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,25,'workflow.entered',1796076506569,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076506569,"entered_ms":1796076506569},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,26,'workflow.target-matched',1796076506569,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076506569,"entered_ms":1796076506569},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,27,'task-queue.entered',1796076506569,'{"origin":{"actor":"ACd4e4a049caacb2e762117f88d79ad613","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796076506569,"entered_ms":1796076506569},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,28,'reservation.created',1796076506569,'{"workspace":[1,0],"task":{"no":21,"status":"reserved","version":1,"created_ms":1796076506569,"entered_ms":1796076506569},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR31b2943b18f22e3dc201000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,29,'reservation.canceled',1796076506601,'{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796076506569,"entered_ms":1796076506569},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR31b2943b18f22e3dc201000000000016","version":1,"reason_code":0,"age_ms":32},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,30,'workflow.target-matched',1796076506601,'{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796076506569,"entered_ms":1796076506569},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}',21,NULL,NULL,16,17,5,NULL,NULL,NULL,16,NULL,NULL);
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
INSERT INTO "roll_up" VALUES(1,30,1796068800);
CREATE TABLE snapshot (
    workspace INTEGER NOT NULL,
    no INTEGER NOT NULL,
    text INTEGER NOT NULL,
    body TEXT NOT NULL, until_ms INTEGER,
    PRIMARY KEY (workspace, no, text)
) STRICT;
INSERT INTO "snapshot" VALUES(1,1,0,'{"sid":"WS87d07ee2d0c3b70a183101a22e808b91","name":"kept"}',NULL);
INSERT INTO "snapshot" VALUES(1,2,0,'{"sid":"WA58633e43c92b48d57a82000000000002","name":"Offline","available":false}',NULL);
INSERT INTO "snapshot" VALUES(1,3,0,'{"sid":"WAd123ccce81f7b79e8f9e000000000003","name":"Available","available":true}',NULL);
INSERT INTO "snapshot" VALUES(1,4,0,'{"sid":"WA35c1297b8d176891b1e1000000000004","name":"Unavailable","available":false}',NULL);
INSERT INTO "snapshot" VALUES(1,5,0,'{"sid":"TC3a1af65db20da03a1bac000000000005","name":"Default","unique_name":"default","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,6,0,'{"sid":"TC741ae5db78584394b3df000000000006","name":"Voice","unique_name":"voice","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,7,0,'{"sid":"TC667f6130f7cb8a03ca88000000000007","name":"Chat","unique_name":"chat","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,8,0,'{"sid":"TCeaa6a03d5da2fe5e43f8000000000008","name":"SMS","unique_name":"sms","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,9,0,'{"sid":"TC5b40762c53b8c26aeb4e000000000009","name":"Video","unique_name":"video","optimized":false}',NULL);
INSERT INTO "snapshot" VALUES(1,10,0,'{"sid":"WK1781b6612780f2bd4ab500000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}',1796076506050);
INSERT INTO "snapshot" VALUES(1,10,1,'{"sid":"WK1781b6612780f2bd4ab500000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}',NULL);
INSERT INTO "snapshot" VALUES(1,16,0,'{"sid":"WQb0052e1ef7013c886748000000000010","name":"cats","expression":"skills HAS \"cats\""}',NULL);
INSERT INTO "snapshot" VALUES(1,17,0,'{"sid":"WWff2b21d04cba9009d169000000000011","name":"all"}',NULL);
INSERT INTO "snapshot" VALUES(1,19,0,'{"sid":"WTcdd30b1b231f7371c00f000000000013","attributes":"{\"cat\":\"Tom\"}"}',NULL);
INSERT INTO "snapshot" VALUES(1,21,0,'{"sid":"WT1f78bfd6347adb206606000000000015","attributes":"{\"cat\":\"Tom\"}"}',NULL);
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
INSERT INTO "tally" VALUES(1,1,0,1796076506,5,'reservation.accepted',1,0,0,0,0,0,0);
INSERT INTO "tally" VALUES(1,1,0,1796076506,5,'reservation.canceled',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,0,1796076506,5,'reservation.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,0,1796076506,5,'reservation.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,0,1796076506,5,'task-queue.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,0,1796076506,5,'task.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,0,1796076506,5,'task.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,0,1796076506,5,'workflow.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,10,1796076506,5,'reservation.accepted',1,0,0,0,0,0,0);
INSERT INTO "tally" VALUES(1,1,10,1796076506,5,'reservation.canceled',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,10,1796076506,5,'reservation.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,10,1796076506,5,'reservation.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,10,1796076506,5,'task.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,16,1796076506,5,'reservation.accepted',1,0,0,0,0,0,0);
INSERT INTO "tally" VALUES(1,1,16,1796076506,5,'reservation.canceled',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,16,1796076506,5,'reservation.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,16,1796076506,5,'reservation.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,16,1796076506,5,'task-queue.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,16,1796076506,5,'task.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,16,1796076506,5,'task.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,16,1796076506,5,'workflow.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,17,1796076506,5,'reservation.accepted',1,0,0,0,0,0,0);
INSERT INTO "tally" VALUES(1,1,17,1796076506,5,'reservation.canceled',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,17,1796076506,5,'reservation.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,17,1796076506,5,'reservation.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,17,1796076506,5,'task-queue.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,17,1796076506,5,'task.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,17,1796076506,5,'task.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,1,17,1796076506,5,'workflow.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,0,1796076000,5,'reservation.accepted',1,0,0,0,0,0,0);
INSERT INTO "tally" VALUES(1,3600,0,1796076000,5,'reservation.canceled',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,0,1796076000,5,'reservation.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,0,1796076000,5,'reservation.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,0,1796076000,5,'task-queue.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,0,1796076000,5,'task.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,0,1796076000,5,'task.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,0,1796076000,5,'workflow.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,10,1796076000,5,'reservation.accepted',1,0,0,0,0,0,0);
INSERT INTO "tally" VALUES(1,3600,10,1796076000,5,'reservation.canceled',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,10,1796076000,5,'reservation.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,10,1796076000,5,'reservation.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,10,1796076000,5,'task.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,16,1796076000,5,'reservation.accepted',1,0,0,0,0,0,0);
INSERT INTO "tally" VALUES(1,3600,16,1796076000,5,'reservation.canceled',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,16,1796076000,5,'reservation.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,16,1796076000,5,'reservation.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,16,1796076000,5,'task-queue.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,16,1796076000,5,'task.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,16,1796076000,5,'task.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,16,1796076000,5,'workflow.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,17,1796076000,5,'reservation.accepted',1,0,0,0,0,0,0);
INSERT INTO "tally" VALUES(1,3600,17,1796076000,5,'reservation.canceled',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,17,1796076000,5,'reservation.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,17,1796076000,5,'reservation.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,17,1796076000,5,'task-queue.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,17,1796076000,5,'task.completed',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,17,1796076000,5,'task.created',2,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tally" VALUES(1,3600,17,1796076000,5,'workflow.entered',2,NULL,NULL,NULL,NULL,NULL,NULL);
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
INSERT INTO "workspace" VALUES(1,'WS87d07ee2d0c3b70a183101a22e808b91','ACd4e4a049caacb2e762117f88d79ad613',11,'701b88c70f387fa9af331f55ae712dfd',30,23,1796076506601,1796076507601,NULL);
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
PRAGMA user_version = 5;
