import type { Message } from './channel.ts';

/** What a change of an alert is called; the machine suspects, people decide. */
const kindText: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  'alert-opened': ['新增疑似预警', 'new suspected change'],
  'alert-reopened': ['疑似预警重新开启', 'suspected change opened again'],
  'alert-grew': ['疑似图斑扩大', 'suspected patch has grown'],
  'alert-confirmed': ['核查属实', 'confirmed on the spot'],
  'alert-refuted': ['核查不属实', 'refuted on the spot'],
  'alert-lawful': ['核查为合法变化', 'found lawful'],
  'alert-recovering': ['疑似恢复耕种，待补充佐证', 'seems to be cropland again; evidence is asked for'],
  'alert-closed': ['已销号', 'closed'],
  'alert-withdrawn': ['疑似预警撤回', 'withdrawn: the looks no longer show it'],
};

/** An outbox row as people and machines read it. */
export function messageOf(row: {
  readonly key: string;
  readonly alert: string;
  readonly kind: string;
  readonly body: unknown;
  readonly created_at: Date;
}): Message {
  const facts = row.body as Readonly<Record<string, unknown>>;
  const [zh, en] = kindText[row.kind] ?? [row.kind, row.kind];
  const about = [facts['suspicion'], facts['severity'], facts['certainty']].filter((word) => typeof word === 'string');
  const detail = about.length > 0 ? ` (${about.join(', ')})` : '';
  return {
    format: 'tianwatch-message/1',
    key: row.key,
    alert: row.alert,
    kind: row.kind,
    at: new Date(row.created_at).toISOString(),
    zh: `${zh} ${row.alert}${detail}`,
    en: `${en} ${row.alert}${detail}`,
    facts,
  };
}
