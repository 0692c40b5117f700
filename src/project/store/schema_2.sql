-- What was computed lies in files beside the database.

DROP TABLE predictions;
DROP TABLE map;
DROP TABLE checkpoint;
