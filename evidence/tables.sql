-- What guards the ledger and the attachments inside the database, one statement per trigger.
-- Together with the chain of hashes: a trigger stops a mistake, the chain shows intent.

CREATE TRIGGER ledger_keeps_order BEFORE INSERT ON ledger
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ledger)
  OR new.previous IS NOT coalesce((SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger follows on the last one'); END;

CREATE TRIGGER ledger_keeps_entries BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_keeps_all BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER attachment_keeps_one BEFORE INSERT ON attachment
WHEN EXISTS (SELECT 1 FROM attachment WHERE sha256 = new.sha256)
BEGIN SELECT RAISE(ABORT, 'an attachment is stored once'); END;

CREATE TRIGGER attachment_keeps_content BEFORE UPDATE ON attachment
BEGIN SELECT RAISE(ABORT, 'attachments are append-only'); END;

CREATE TRIGGER attachment_keeps_all BEFORE DELETE ON attachment
BEGIN SELECT RAISE(ABORT, 'attachments are append-only'); END;
