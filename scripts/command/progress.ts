import type { RunStatus } from '../../workers/run-status.ts';

const stageNames: Readonly<Record<RunStatus['stage'], string>> = {
  open: '读取与规划 open',
  infer: '计算 infer',
  stitch: '拼接 stitch',
  detect: '图斑 detect',
  report: '报告 report',
};
const barCells = 28;

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A bar on a terminal (chunks, Mpx/s, ETA); one line a stage elsewhere. */
export function openProgress(stream: NodeJS.WriteStream): { show(status: RunStatus): void; end(): void } {
  const startedMs = performance.now();
  let stage: string | null = null;
  let isBarOpen = false;
  let first: { readonly ms: number; readonly px: number } | null = null;
  const closeBar = (): void => {
    if (isBarOpen) stream.write('\r\u001B[2K');
    isBarOpen = false;
  };
  const bar = ({ chunks, px, stage: now }: RunStatus): void => {
    if (chunks === null || px === null || chunks.total === 0) return;
    const done = chunks.computed + chunks.skipped + chunks.failed;
    first ??= { ms: performance.now(), px: px.done };
    const seconds = (performance.now() - first.ms) / 1000;
    const speed = seconds > 0.5 ? (px.done - first.px) / seconds : 0;
    const cells = Math.round((barCells * done) / chunks.total);
    const eta = speed > 0 ? `ETA ${clock((px.total - px.done) / speed)}` : '';
    const failed = chunks.failed > 0 ? ` ${chunks.failed} failed` : '';
    stream.write(
      `\r\u001B[2K${stageNames[now]} [${'█'.repeat(cells)}${'░'.repeat(barCells - cells)}] ${done}/${chunks.total} chunks${failed} ${(speed / 1e6).toFixed(2)} Mpx/s ${eta}`,
    );
    isBarOpen = true;
  };
  return {
    show(status) {
      if (status.state === 'running' && status.stage !== stage) {
        closeBar();
        stage = status.stage;
        const total = status.chunks === null ? '' : ` (${status.chunks.total} chunks)`;
        stream.write(
          `${clock((performance.now() - startedMs) / 1000)} ${stageNames[status.stage]}${status.stage === 'infer' ? total : ''}\n`,
        );
      }
      if (stream.isTTY && status.stage === 'infer') bar(status);
    },
    end: closeBar,
  };
}
