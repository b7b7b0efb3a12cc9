-- Time may step back where an entry names those before it whose time is not to be believed, and nowhere else.

CREATE OR REPLACE FUNCTION head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size <= OLD.size OR (NEW.last_recorded_at < OLD.last_recorded_at AND NOT EXISTS (
        SELECT FROM entry WHERE position > OLD.size AND position <= NEW.size AND type = 'ClockCorrected'
    )) THEN
        RAISE EXCEPTION 'append-only: the head of % can only grow', TG_TABLE_SCHEMA
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
