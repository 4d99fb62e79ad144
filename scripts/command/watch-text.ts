import { notReadyLine } from '../../pipeline/arrival/reason.ts';
import type { WatchReport, WatchTools } from '../../workers/watch/watch.ts';
import type { WatchedPair } from '../../workers/watch/watched-pair.ts';

const pairName = ({ before, after }: WatchedPair): string => `${before.name} → ${after.name}`;

/** What a look showed, Chinese first. */
export function lookLines({ ready, known, notReady }: WatchReport): readonly string[] {
  const ended = known.filter(({ state }) => state === 'ended').length;
  return [
    `可运行 ready: ${ready.length}，已完成 run before: ${ended}，未用 waiting or left out: ${notReady.length}`,
    ...ready.map((pair) => `  可运行 ready  ${pairName(pair)}`),
    ...notReady.map(notReadyLine),
  ];
}

/** Prints each look that shows something else than the one before, and each run. */
export function watchPrinter(stream: NodeJS.WritableStream, isJson: boolean): Pick<WatchTools, 'onLook' | 'onRun'> {
  let shown = '';
  const say = (line: string) => stream.write(`${line}\n`);
  return {
    onLook(report) {
      if (isJson) return void say(JSON.stringify({ event: 'look', ...report }));
      const text = lookLines(report).join('\n');
      if (text !== shown) say(text);
      shown = text;
    },
    onRun(pair, status) {
      if (isJson)
        say(JSON.stringify({ event: status === null ? 'begun' : 'ended', pair, error: status?.error ?? null }));
      else if (status === null) say(`开始 begun  ${pairName(pair)}`);
      else {
        const why = status.error === null ? '' : `  ${status.error.code}: ${status.error.message}`;
        say(`结束 ended  ${pairName(pair)}：${pair.outcome}  ${pair.out}${why}`);
      }
    },
  };
}
