import { errorTable } from '../../pipeline/errors.ts';

/** The closed set of failures, from the one error table. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { zh, en, retry, exit, http }]) => `| ${code} | ${zh} ${en} | ${retry} | ${exit} | ${http} |`,
  );
  const text = `Every failure is one line, \`CODE: what, where, which value. What to do.\`, without a stack trace. \`never\` errors stop at once;
\`backoff\` errors are tried again by the queue, with growing pauses.`;
  return [
    '# Errors 错误代码',
    text,
    ['| code | meaning | retry | exit | HTTP |', '|---|---|---|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}
