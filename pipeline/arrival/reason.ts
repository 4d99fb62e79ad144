import { type LookProblem, lookProblems } from '../scene/look-sieve.ts';

/** Why a file or scene that is there takes no part yet; each of these may pass by itself. */
export const waitReasons = {
  GROWING: { zh: '文件仍在变化', en: 'still changing' },
  SETTLING: { zh: '刚到，等它稳定', en: 'new: it has to stay as it is for a while' },
  NOT_WHOLE: { zh: '文件不完整', en: 'not whole yet' },
  PART_MISSING: { zh: '还缺同一影像的其他文件', en: 'other files of the scene are missing' },
  REPLACED: { zh: '读取时被替换', en: 'replaced while it was read' },
  NO_EARLIER: { zh: '还没有可比的更早影像', en: 'there is no earlier scene to compare it with' },
  UNREACHABLE: { zh: '暂时读不到', en: 'cannot be reached for now' },
} as const;
export type WaitReason = keyof typeof waitReasons;

/** Why a scene is left out until somebody changes it. */
export const refusals = {
  NO_IMAGE: lookProblems.NO_IMAGE,
  UNREADABLE: lookProblems.UNREADABLE,
  NO_DATE: lookProblems.NO_DATE,
  FUTURE: lookProblems.FUTURE,
  OUT_OF_PERIOD: lookProblems.OUT_OF_PERIOD,
  DUPLICATE: lookProblems.DUPLICATE,
  OTHER_VERSION: lookProblems.OTHER_VERSION,
  CLOUDY: { zh: '云量过大', en: 'too cloudy' },
} as const satisfies Partial<Record<LookProblem | 'CLOUDY', { readonly zh: string; readonly en: string }>>;
export type Refusal = keyof typeof refusals;

/** A file or a scene that takes no part, and why. */
export interface NotReady {
  /** as people see it: below the folder that is watched */
  readonly name: string;
  readonly reason: WaitReason | Refusal;
  /** which value, which other file; may be empty */
  readonly detail: string;
}

/** A scene without an earlier one is whole: nothing about it has to be mended. */
export function isUnready({ reason }: NotReady): boolean {
  return reason in waitReasons && reason !== 'NO_EARLIER';
}

/** One line, Chinese first. */
export function notReadyLine({ name, reason, detail }: NotReady): string {
  const { zh, en } = { ...waitReasons, ...refusals }[reason];
  const kind = reason in waitReasons ? '等待 waits' : '不用 left out';
  return `  ${kind}  ${name}：${zh} / ${en}${detail === '' ? '' : ` (${detail})`}`;
}
