ALTER TABLE tianwatch.outbox
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN next_try_at timestamptz,
  ADD COLUMN last_error text;
COMMENT ON COLUMN tianwatch.outbox.next_try_at IS 'not before; also how long who is sending it now may take, so that two senders do not both send it';
COMMENT ON COLUMN tianwatch.outbox.last_error IS 'why the last attempt failed; null: none has';
CREATE INDEX outbox_order ON tianwatch.outbox (alert, created_at) WHERE sent_at IS NULL;
