CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    began REAL NOT NULL,
    hold_seconds REAL CHECK (hold_seconds >= 0),
    breathing TEXT,
    ended TEXT CHECK (ended IN ('time up', 'stopped early', 'broken off'))
) STRICT;
CREATE TABLE state (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES session,
    t REAL NOT NULL,
    state TEXT NOT NULL,
    in_pose INTEGER NOT NULL CHECK (in_pose IN (0, 1))
) STRICT;
INSERT INTO session VALUES (1, 1790000000.0, 300.0, 'belly', 'time up');
INSERT INTO session VALUES (2, 1790100000.0, 45.0, 'box', 'stopped early');
INSERT INTO session VALUES (3, 1790200000.0, NULL, NULL, 'broken off');
INSERT INTO state VALUES (1, 3, 1790200000.0, 'HOLD', 1);
INSERT INTO state VALUES (2, 3, 1790200030.0, 'IDLE', 0);
PRAGMA user_version = 1;
