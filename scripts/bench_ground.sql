-- What `scripts.bench_ground` fills a district with, after the drivers stand in a table of their
-- own. Parameters are psycopg's; statements end with a semicolon at the end of a line.

INSERT INTO enterprise (public_id, name, credit_code, town_id, address, kind, remark, created_at, updated_at)
SELECT substr(md5('enterprise' || n), 1, 26), '广州' || n || '号运输有限公司', lpad(n::text, 18, '0'),
       1 + n %% 9, '', '', '', %(now)s, %(now)s
FROM generate_series(1, %(enterprises)s) n;

INSERT INTO employee (public_id, enterprise_id, name, id_type, id_number, id_number_hash,
    id_number_tail_hash, phone, phone_hash, phone_tail_hash, plate_number, position, created_at, updated_at)
SELECT substr(md5('employee' || n), 1, 26), (SELECT min(id) FROM enterprise) + n %% %(enterprises)s,
       name, 'resident_id', %(employee_id_number)s, id_hash, id_tail, %(employee_phone)s, phone_hash,
       phone_tail, plate, '', %(now)s, %(now)s
FROM driver WHERE n <= %(employees)s;

INSERT INTO wechat_user (app_id, openid, created_at)
SELECT 'bench', 'oBench' || n, %(now)s FROM generate_series(1, %(drivers)s) n;

INSERT INTO shift (account_id, checkpoint_id, started_at, ends_at, ended_at)
SELECT id, checkpoint_id, %(now)s, %(now)s, %(now)s FROM account WHERE checkpoint_id IS NOT NULL;

-- Journeys: three in four of the district's own drivers, the others strangers; trucks come by day.
CREATE TEMP TABLE journey AS
WITH planned AS (
    SELECT n, random() AS fate, random() AS known, random() AS who, random() AS place,
           random() AS gate, random() AS ahead, random() AS late, random() AS why,
           date_trunc('day', %(now)s::timestamptz) - (%(days)s - 1) * interval '1 day'
               + floor(n * (%(days)s + 1.0) / %(reservations)s) * interval '1 day'
               + (6 + (random() + random() + random()) * 6 - 8) * interval '1 hour' AS arrival_at
    FROM generate_series(0, %(reservations)s - 1) n
), came AS (
    SELECT *, arrival_at + (late * 80 - 30) * interval '1 minute' AS decided_at,
           CASE WHEN known < 0.75 THEN 1 + floor(who * %(employees)s)
                ELSE %(employees)s + 1 + floor(who * (%(drivers)s - %(employees)s)) END::int AS driver
    FROM planned
)
SELECT *, least(arrival_at - (40 + ahead * 1200) * interval '1 minute', %(now)s) AS created_at,
       CASE WHEN fate < 0.04 THEN 'cancelled'
            WHEN fate < 0.08 AND arrival_at + interval '1 day' < %(now)s THEN 'expired'
            WHEN decided_at > %(now)s THEN
                CASE WHEN fate > 0.98 THEN 'identity_failed'
                     WHEN fate > 0.95 THEN 'pending_identity' ELSE 'reserved' END
            WHEN fate < 0.12 THEN 'denied' ELSE 'passed' END AS state,
       1 + floor(place * place * 9)::int AS town_id, 1 + floor(gate * 8)::int AS checkpoint_number
FROM came;

INSERT INTO reservation (public_id, wechat_user_id, submission_key, state, identity, created_at,
    state_changed_at, expires_at, name, id_type, id_number, id_number_hash, id_number_tail_hash, phone,
    phone_hash, phone_tail_hash, plate_number, vehicle_type, trailer_plate, enterprise_name, origin, via,
    destination_town_id, destination_address, checkpoint_id, arrival_at, cargo, health_code,
    high_risk_travel, symptoms)
SELECT substr(md5('reservation' || j.n), 1, 26), (SELECT min(id) FROM wechat_user) + j.driver - 1,
       'bench' || j.n, j.state, 'checked', j.created_at,
       CASE WHEN j.state IN ('passed', 'denied') THEN j.decided_at ELSE j.created_at END,
       j.arrival_at + interval '1 day', d.name, 'resident_id', %(reservation_id_number)s, d.id_hash,
       d.id_tail, %(reservation_phone)s, d.phone_hash, d.phone_tail, d.plate, 'heavy', '', '',
       '深圳市宝安区', '', j.town_id, '', (SELECT min(id) FROM checkpoint) + j.checkpoint_number - 1,
       j.arrival_at, '集装箱', 'green', false, false
FROM journey j JOIN driver d ON d.n = j.driver ORDER BY j.created_at;

INSERT INTO passenger (reservation_id, position, name, id_type, id_number, id_number_hash)
SELECT r.id, 1, d.name, 'resident_id', %(passenger_id_number)s, d.id_hash
FROM reservation r JOIN driver d ON d.n = 1 + r.id %% %(employees)s WHERE r.id %% 5 = 0;

INSERT INTO pass_code (reservation_id, key_id, seed, short_code_turn, token_hash, short_code_hash,
    is_live, created_at, expires_at)
SELECT id, %(key_id)s, decode(md5('seed' || id), 'hex'), 0, decode(md5('token' || id), 'hex'),
       decode(md5('short' || id), 'hex'), state = 'reserved', created_at, expires_at
FROM reservation WHERE state NOT IN ('pending_identity', 'identity_failed');

INSERT INTO scan (public_id, pass_code_id, reservation_id, account_id, checkpoint_id, shift_id,
    scanned_at, means, outcome, findings)
SELECT substr(md5('scan' || r.id), 1, 26), c.id, r.id, s.account_id, s.checkpoint_id, s.id,
       r.state_changed_at - interval '20 seconds', 'link', 'shown', %(scan_findings)s
FROM reservation r JOIN pass_code c ON c.reservation_id = r.id
JOIN shift s ON s.checkpoint_id = r.checkpoint_id
WHERE r.state IN ('passed', 'denied') ORDER BY r.state_changed_at;

INSERT INTO passage (public_id, reservation_id, pass_code_id, scan_id, request_id, verdict, reason,
    decided_at, account_id, checkpoint_id)
SELECT substr(md5('passage' || r.id), 1, 26), r.id, s.pass_code_id, s.id, 'bench' || r.id,
       CASE r.state WHEN 'denied' THEN 'denied' ELSE 'allowed' END,
       CASE WHEN r.state <> 'denied' THEN ''
            WHEN r.id %% 23 = 0 THEN '车辆超高'
            ELSE (SELECT wording FROM denial_reason WHERE position = (r.id::bigint * r.id) %% 6) END,
       r.state_changed_at, s.account_id, s.checkpoint_id
FROM reservation r JOIN scan s ON s.reservation_id = r.id ORDER BY s.id;

INSERT INTO passage_enterprise (passage_id, enterprise_id, enterprise_name, town_id)
SELECT p.id, e.id, e.name, e.town_id
FROM passage p JOIN reservation r ON r.id = p.reservation_id
JOIN employee m ON m.id_number_hash = r.id_number_hash JOIN enterprise e ON e.id = m.enterprise_id;

INSERT INTO correction (public_id, passage_id, request_id, verdict, denial_reason, explanation,
    account_id, created_at)
SELECT substr(md5('correction' || id), 1, 26), id, 'bench' || id, 'allowed', '', '误点',
       account_id, decided_at + interval '1 hour'
FROM passage WHERE verdict = 'denied' AND id %% 97 = 0;
