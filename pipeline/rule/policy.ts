import type { PolicyLayer, PolicyRule, PolicyRules } from './policy-rules.ts';
import type { Severity } from './reason.ts';

/** A named rule that a suspected change touches, or may touch. */
export interface TouchedRule {
  readonly id: string;
  readonly version: number;
  readonly zh: string;
  readonly en: string;
  readonly source: string;
  readonly layer: PolicyLayer;
  readonly severity: Severity;
  /** true: the image alone cannot tell, or the rule was in force for a part of the time only */
  readonly isPossible: boolean;
}

export interface PolicyQuestion {
  readonly axis: 'land-class' | 'planting';
  readonly category: string;
  readonly classSeen: string;
  /** layers that the change lies on */
  readonly layers: ReadonlySet<PolicyLayer>;
  /** the change came after the first and not after the second (ISO-8601); null = unknown */
  readonly dateBefore: string | null;
  readonly dateAfter: string | null;
}

/** Whether a rule was in force when the change came: for sure, perhaps, or not at all. Unknown days exclude nothing. */
function forceOf({ from, to }: PolicyRule, { dateBefore, dateAfter }: PolicyQuestion): 'sure' | 'perhaps' | 'none' {
  const [first, last] = [dateBefore?.slice(0, 10) ?? null, dateAfter?.slice(0, 10) ?? null];
  if (last !== null && last < from) return 'none';
  if (to !== null && first !== null && first >= to) return 'none';
  const isSure = first !== null && last !== null && first >= from && (to === null || last <= to);
  return isSure || (first === null && last === null && to === null) ? 'sure' : 'perhaps';
}

/** The named rules that a finding touches, in the order of the document; what was in force on the day of the change counts. */
export function touchedRules(question: PolicyQuestion, policy: PolicyRules): readonly TouchedRule[] {
  const { axis, category, classSeen, layers } = question;
  const touched: TouchedRule[] = [];
  if (layers.size === 0) return touched;
  for (const rule of policy.rules) {
    if (!layers.has(rule.layer) || rule.axis !== axis || !rule.categories.includes(category)) continue;
    const { id, zh, en, source, layer, severity, seen } = rule;
    if (seen !== 'any' && !seen.includes(classSeen)) continue;
    const force = forceOf(rule, question);
    if (force === 'none') continue;
    const isPossible = rule.isPossible || force === 'perhaps';
    touched.push({ id, version: policy.version, zh, en, source, layer, severity, isPossible });
  }
  return touched;
}
