BEGIN TRANSACTION;
CREATE TABLE account (
    sid TEXT PRIMARY KEY,
    auth_token TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "account" VALUES('AC01f48c4191f190d42354226fda76e570','00000000000000000000000000000000','My account',1796069959389);
CREATE TABLE commit_log (
    workspace INTEGER NOT NULL,
    version INTEGER NOT NULL,
    token TEXT NOT NULL,
    PRIMARY KEY (workspace, version)
) STRICT, WITHOUT ROWID;
INSERT INTO "commit_log" VALUES(1,1,'6323de4f933a0ec525c5c704a98d0556');
INSERT INTO "commit_log" VALUES(1,2,'ff85333b2def0b373c852b2147d6ca5d');
INSERT INTO "commit_log" VALUES(1,3,'3d7121d1296928357842aafde72b9beb');
INSERT INTO "commit_log" VALUES(1,4,'7db757d8176440b52b8eb4962540a605');
INSERT INTO "commit_log" VALUES(1,5,'90d4b8054cc9992655ae94de807ebdbf');
INSERT INTO "commit_log" VALUES(1,6,'81077613f4f21cbd5d01c9bd0d5cf172');
INSERT INTO "commit_log" VALUES(1,7,'72e1c2a76a6b77ca352d89d8979318c9');
INSERT INTO "commit_log" VALUES(1,8,'a135a9f512a2708f4ed9a62ca96b2a79');
INSERT INTO "commit_log" VALUES(1,9,'d73ebd8d36c363b1fdb8cc1b0e8cce9e');
INSERT INTO "commit_log" VALUES(1,10,'d19d6ffb890799f0def412526cc78d69');
INSERT INTO "commit_log" VALUES(1,11,'c85ef6454db5f176c60645d954646ac5');
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
INSERT INTO "delivery" VALUES(1,'assignment',28,'http://127.0.0.1:9/offers',NULL,21,22,1796069959495,1796069989495,'failed',1,'the reservation was canceled, and its task will be offered again after a pause','[{"url":"http://127.0.0.1:9/offers","at_ms":1796069959497,"took_ms":1,"problem":"Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed (''127.0.0.1'', 9)]"}]',1796069959499);
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
INSERT INTO "entity" VALUES(1,1,'workspace','WS7fb39d1d6af6d04840be01a22e1ca71f',1,'{"type":"workspace","no":1,"sid":"WS7fb39d1d6af6d04840be01a22e1ca71f","created_ms":1796069959455,"updated_ms":1796069959455,"account_sid":"AC01f48c4191f190d42354226fda76e570","friendly_name":"kept","default_activity":2,"timeout_activity":2}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,2,'activity','WAca0b1279b3eeebb5dca2000000000002',1,'{"type":"activity","no":2,"sid":"WAca0b1279b3eeebb5dca2000000000002","created_ms":1796069959455,"updated_ms":1796069959455,"friendly_name":"Offline"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,3,'activity','WAc5b258e034e376721074000000000003',1,'{"type":"activity","no":3,"sid":"WAc5b258e034e376721074000000000003","created_ms":1796069959455,"updated_ms":1796069959455,"friendly_name":"Available","available":true}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,4,'activity','WAa8c9488e2df957f58673000000000004',1,'{"type":"activity","no":4,"sid":"WAa8c9488e2df957f58673000000000004","created_ms":1796069959455,"updated_ms":1796069959455,"friendly_name":"Unavailable"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,5,'task_channel','TCeda9cec6eadd5da2f465000000000005',1,'{"type":"task_channel","no":5,"sid":"TCeda9cec6eadd5da2f465000000000005","created_ms":1796069959455,"updated_ms":1796069959455,"friendly_name":"Default","unique_name":"default"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,6,'task_channel','TC22565df86ee59dc7c5bf000000000006',1,'{"type":"task_channel","no":6,"sid":"TC22565df86ee59dc7c5bf000000000006","created_ms":1796069959455,"updated_ms":1796069959455,"friendly_name":"Voice","unique_name":"voice"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,7,'task_channel','TCb3965e3de2bc69aa3878000000000007',1,'{"type":"task_channel","no":7,"sid":"TCb3965e3de2bc69aa3878000000000007","created_ms":1796069959455,"updated_ms":1796069959455,"friendly_name":"Chat","unique_name":"chat"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,8,'task_channel','TCc1e75fefe2bcac6cd8bd000000000008',1,'{"type":"task_channel","no":8,"sid":"TCc1e75fefe2bcac6cd8bd000000000008","created_ms":1796069959455,"updated_ms":1796069959455,"friendly_name":"SMS","unique_name":"sms"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,9,'task_channel','TC86245ec613b8424f33ea000000000009',1,'{"type":"task_channel","no":9,"sid":"TC86245ec613b8424f33ea000000000009","created_ms":1796069959455,"updated_ms":1796069959455,"friendly_name":"Video","unique_name":"video"}',NULL,NULL,NULL,1);
INSERT INTO "entity" VALUES(1,10,'worker','WK8d32b0b7b3add35b539900000000000a',1,'{"type":"worker","no":10,"sid":"WK8d32b0b7b3add35b539900000000000a","created_ms":1796069959459,"updated_ms":1796069959461,"text":1,"friendly_name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}","activity":3,"status_changed_ms":1796069959459,"version":4,"last_reserved":22}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,11,'worker_channel','WC25ad504ed34b3aa476d300000000000b',1,'{"type":"worker_channel","no":11,"sid":"WC25ad504ed34b3aa476d300000000000b","created_ms":1796069959459,"updated_ms":1796069959459,"worker":10,"channel":5,"last_reserved":22,"last_reserved_ms":1796069959495}',NULL,NULL,NULL,10);
INSERT INTO "entity" VALUES(1,12,'worker_channel','WC18ce6c384435fa1f1e0800000000000c',1,'{"type":"worker_channel","no":12,"sid":"WC18ce6c384435fa1f1e0800000000000c","created_ms":1796069959459,"updated_ms":1796069959459,"worker":10,"channel":6}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,13,'worker_channel','WC03287ba9a2ae4f7d2b0d00000000000d',1,'{"type":"worker_channel","no":13,"sid":"WC03287ba9a2ae4f7d2b0d00000000000d","created_ms":1796069959459,"updated_ms":1796069959459,"worker":10,"channel":7}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,14,'worker_channel','WC0c06549cc9919a84c9dc00000000000e',1,'{"type":"worker_channel","no":14,"sid":"WC0c06549cc9919a84c9dc00000000000e","created_ms":1796069959459,"updated_ms":1796069959459,"worker":10,"channel":8}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,15,'worker_channel','WC7fcca682597c1ff6122000000000000f',1,'{"type":"worker_channel","no":15,"sid":"WC7fcca682597c1ff6122000000000000f","created_ms":1796069959459,"updated_ms":1796069959459,"worker":10,"channel":9}',NULL,NULL,NULL,2);
INSERT INTO "entity" VALUES(1,16,'task_queue','WQeef05bdcebbe8165781e000000000010',1,'{"type":"task_queue","no":16,"sid":"WQeef05bdcebbe8165781e000000000010","created_ms":1796069959462,"updated_ms":1796069959462,"friendly_name":"cats","target_workers":"skills HAS \"cats\""}',NULL,NULL,NULL,4);
INSERT INTO "entity" VALUES(1,17,'workflow','WWf249aba9c6b6529a8186000000000011',1,'{"type":"workflow","no":17,"sid":"WWf249aba9c6b6529a8186000000000011","created_ms":1796069959487,"updated_ms":1796069959494,"friendly_name":"all","configuration":18,"assignment_callback_url":"http://127.0.0.1:9/offers"}',NULL,NULL,NULL,9);
INSERT INTO "entity" VALUES(1,18,'configuration','XC8dc41a9898831d11d4e8000000000012',1,'{"type":"configuration","no":18,"sid":"XC8dc41a9898831d11d4e8000000000012","created_ms":1796069959487,"updated_ms":1796069959487,"document":"{\"task_routing\":{\"default_filter\":{\"queue\":\"WQeef05bdcebbe8165781e000000000010\"}}}"}',NULL,NULL,NULL,5);
INSERT INTO "entity" VALUES(1,19,'task','WT5a90f2f06e79a7814647000000000013',0,'{"type":"task","no":19,"sid":"WT5a90f2f06e79a7814647000000000013","created_ms":1796069959489,"updated_ms":1796069959493,"attributes":"{\"cat\":\"Tom\"}","status":"completed","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796069959489,"place":[18,-1,0,1796069959489,0],"timeout_s":86400,"virtual_start_ms":1796069959489,"reason":"done","version":3,"rounds":1,"assigned_ms":1796069959492,"ended_ms":1796069959493}',NULL,NULL,1796070259493,8);
INSERT INTO "entity" VALUES(1,20,'reservation','WRf2b2299b3aace6b91650000000000014',0,'{"type":"reservation","no":20,"sid":"WRf2b2299b3aace6b91650000000000014","created_ms":1796069959489,"updated_ms":1796069959493,"task":19,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"completed","version":2,"deadline_ms":1796070079489,"previous_activity":3,"ended_ms":1796069959493}',19,10,NULL,8);
INSERT INTO "entity" VALUES(1,21,'task','WT8aaf7f746012ba8900b1000000000015',1,'{"type":"task","no":21,"sid":"WT8aaf7f746012ba8900b1000000000015","created_ms":1796069959495,"updated_ms":1796069959498,"attributes":"{\"cat\":\"Tom\"}","channel":5,"workflow":17,"queue":16,"queue_entered_ms":1796069959495,"place":[18,-1,0,1796069959495,0],"timeout_s":86400,"virtual_start_ms":1796069959495,"version":2,"rounds":1,"failures":1,"paused_until_ms":1796069960498}',NULL,NULL,NULL,11);
INSERT INTO "entity" VALUES(1,22,'reservation','WR4b61c2d91fb35f82990f000000000016',0,'{"type":"reservation","no":22,"sid":"WR4b61c2d91fb35f82990f000000000016","created_ms":1796069959495,"updated_ms":1796069959498,"task":21,"worker":10,"worker_channel":11,"queue":16,"workflow":17,"status":"canceled","version":1,"deadline_ms":1796070079495,"previous_activity":3,"canceled_reason_code":0,"ended_ms":1796069959498}',21,10,NULL,11);
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
INSERT INTO "event" VALUES(1,1,'workspace.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0]}',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,2,'activity.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[2,0]}',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,3,'activity.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[3,0]}',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,4,'activity.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"activity":[4,0]}',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,5,'task-channel.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[5,0]}',NULL,NULL,NULL,NULL,NULL,5);
INSERT INTO "event" VALUES(1,6,'task-channel.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[6,0]}',NULL,NULL,NULL,NULL,NULL,6);
INSERT INTO "event" VALUES(1,7,'task-channel.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[7,0]}',NULL,NULL,NULL,NULL,NULL,7);
INSERT INTO "event" VALUES(1,8,'task-channel.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[8,0]}',NULL,NULL,NULL,NULL,NULL,8);
INSERT INTO "event" VALUES(1,9,'task-channel.created',1796069959455,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"channel":[9,0]}',NULL,NULL,NULL,NULL,NULL,9);
INSERT INTO "event" VALUES(1,10,'worker.created',1796069959459,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"version":1,"activity":[3,0]}}',NULL,10,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,11,'worker.attributes.update',1796069959461,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"worker":{"no":10,"text":1,"version":2,"activity":[3,0]}}',NULL,10,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(1,12,'task-queue.created',1796069959462,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"queue":[16,0]}',NULL,NULL,NULL,16,NULL,NULL);
INSERT INTO "event" VALUES(1,13,'workflow.created',1796069959487,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL);
INSERT INTO "event" VALUES(1,14,'task.created',1796069959489,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069959489,"entered_ms":1796069959489},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,15,'workflow.entered',1796069959489,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069959489,"entered_ms":1796069959489},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,16,'workflow.target-matched',1796069959489,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069959489,"entered_ms":1796069959489},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,17,'task-queue.entered',1796069959489,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"pending","created_ms":1796069959489,"entered_ms":1796069959489},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,18,'reservation.created',1796069959489,'{"workspace":[1,0],"task":{"no":19,"status":"reserved","version":1,"created_ms":1796069959489,"entered_ms":1796069959489},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRf2b2299b3aace6b91650000000000014"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5);
INSERT INTO "event" VALUES(1,19,'reservation.accepted',1796069959492,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"assigned","version":2,"created_ms":1796069959489,"entered_ms":1796069959489},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRf2b2299b3aace6b91650000000000014","version":1},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_activity":[3,0],"more":{"previous_ms":0}}',19,10,20,16,17,5);
INSERT INTO "event" VALUES(1,20,'task.completed',1796069959493,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069959489,"entered_ms":1796069959489},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"more":{"reason":"done"}}',19,10,NULL,16,17,5);
INSERT INTO "event" VALUES(1,21,'reservation.completed',1796069959493,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069959489,"entered_ms":1796069959489},"worker":{"no":10,"text":1,"version":3,"activity":[3,0]},"reservation":{"no":20,"sid":"WRf2b2299b3aace6b91650000000000014","version":2},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,10,20,16,17,5);
INSERT INTO "event" VALUES(1,22,'task.updated',1796069959493,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":19,"status":"completed","version":3,"created_ms":1796069959489,"entered_ms":1796069959489},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',19,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,23,'workflow.updated',1796069959494,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"workflow":[17,0]}',NULL,NULL,NULL,NULL,17,NULL);
INSERT INTO "event" VALUES(1,24,'task.created',1796069959495,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069959495,"entered_ms":1796069959495},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,25,'workflow.entered',1796069959495,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069959495,"entered_ms":1796069959495},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,26,'workflow.target-matched',1796069959495,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069959495,"entered_ms":1796069959495},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,27,'task-queue.entered',1796069959495,'{"origin":{"actor":"AC01f48c4191f190d42354226fda76e570","kind":"account","source":"api","address":"127.0.0.1"},"workspace":[1,0],"task":{"no":21,"status":"pending","created_ms":1796069959495,"entered_ms":1796069959495},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,NULL,NULL,16,17,5);
INSERT INTO "event" VALUES(1,28,'reservation.created',1796069959495,'{"workspace":[1,0],"task":{"no":21,"status":"reserved","version":1,"created_ms":1796069959495,"entered_ms":1796069959495},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR4b61c2d91fb35f82990f000000000016"},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5);
INSERT INTO "event" VALUES(1,29,'reservation.canceled',1796069959498,'{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796069959495,"entered_ms":1796069959495},"worker":{"no":10,"text":1,"version":4,"activity":[3,0]},"reservation":{"no":22,"sid":"WR4b61c2d91fb35f82990f000000000016","version":1,"reason_code":0},"queue":[16,0],"workflow":[17,0],"channel":[5,0]}',21,10,22,16,17,5);
INSERT INTO "event" VALUES(1,30,'workflow.target-matched',1796069959498,'{"origin":{"source":"callback"},"workspace":[1,0],"task":{"no":21,"status":"pending","version":2,"created_ms":1796069959495,"entered_ms":1796069959495},"queue":[16,0],"workflow":[17,0],"channel":[5,0],"previous_queue":[16,0],"more":{"previous_priority":0,"re_evaluated_reason":"reservation_canceled"}}',21,NULL,NULL,16,17,5);
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
INSERT INTO "snapshot" VALUES(1,1,0,'{"sid":"WS7fb39d1d6af6d04840be01a22e1ca71f","name":"kept"}');
INSERT INTO "snapshot" VALUES(1,2,0,'{"sid":"WAca0b1279b3eeebb5dca2000000000002","name":"Offline","available":false}');
INSERT INTO "snapshot" VALUES(1,3,0,'{"sid":"WAc5b258e034e376721074000000000003","name":"Available","available":true}');
INSERT INTO "snapshot" VALUES(1,4,0,'{"sid":"WAa8c9488e2df957f58673000000000004","name":"Unavailable","available":false}');
INSERT INTO "snapshot" VALUES(1,5,0,'{"sid":"TCeda9cec6eadd5da2f465000000000005","name":"Default","unique_name":"default","optimized":false}');
INSERT INTO "snapshot" VALUES(1,6,0,'{"sid":"TC22565df86ee59dc7c5bf000000000006","name":"Voice","unique_name":"voice","optimized":false}');
INSERT INTO "snapshot" VALUES(1,7,0,'{"sid":"TCb3965e3de2bc69aa3878000000000007","name":"Chat","unique_name":"chat","optimized":false}');
INSERT INTO "snapshot" VALUES(1,8,0,'{"sid":"TCc1e75fefe2bcac6cd8bd000000000008","name":"SMS","unique_name":"sms","optimized":false}');
INSERT INTO "snapshot" VALUES(1,9,0,'{"sid":"TC86245ec613b8424f33ea000000000009","name":"Video","unique_name":"video","optimized":false}');
INSERT INTO "snapshot" VALUES(1,10,0,'{"sid":"WK8d32b0b7b3add35b539900000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\"]}"}');
INSERT INTO "snapshot" VALUES(1,10,1,'{"sid":"WK8d32b0b7b3add35b539900000000000a","name":"Alice","attributes":"{\"skills\":[\"cats\",\"dogs\"]}"}');
INSERT INTO "snapshot" VALUES(1,16,0,'{"sid":"WQeef05bdcebbe8165781e000000000010","name":"cats","expression":"skills HAS \"cats\""}');
INSERT INTO "snapshot" VALUES(1,17,0,'{"sid":"WWf249aba9c6b6529a8186000000000011","name":"all"}');
INSERT INTO "snapshot" VALUES(1,19,0,'{"sid":"WT5a90f2f06e79a7814647000000000013","attributes":"{\"cat\":\"Tom\"}"}');
INSERT INTO "snapshot" VALUES(1,21,0,'{"sid":"WT8aaf7f746012ba8900b1000000000015","attributes":"{\"cat\":\"Tom\"}"}');
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
INSERT INTO "workspace" VALUES(1,'WS7fb39d1d6af6d04840be01a22e1ca71f','AC01f48c4191f190d42354226fda76e570',11,'c85ef6454db5f176c60645d954646ac5',30,23,1796069959498,1796069960498,NULL);
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
PRAGMA user_version = 1;
