/** One thing somebody is to be told, as it leaves the house: `tianwatch-message/1`. */
export interface Message {
  readonly format: 'tianwatch-message/1';
  /** the same for the same change of the same alert: a receiver that knows it has been told already */
  readonly key: string;
  /** id of the alert */
  readonly alert: string;
  /** what became of it, e.g. `alert-opened` */
  readonly kind: string;
  /** when it was recorded, ISO-8601 UTC */
  readonly at: string;
  readonly zh: string;
  readonly en: string;
  /** facts of the alert's event: track, suspicion, severity, state, certainty, policies … */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * A way out of the house. A message may come twice (a kill between sending and recording): an implementation
 * hands its key on, or stores it under the key.
 */
export interface Channel {
  /** where messages go, without secrets */
  readonly name: string;
  /** @throws AppError UNAVAILABLE what may get better soon, anything else what needs a person */
  send(message: Message): Promise<void>;
}
