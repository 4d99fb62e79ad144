import { accuracyOf, addCounts, scoreScene, type CloudScore, type Counts } from './cloud-accuracy.ts';
import { cloudDataFolder, readCloudScenes } from './cloud-scenes.ts';

const percent = (fraction: number): string =>
  (Number.isFinite(fraction) ? (100 * fraction).toFixed(1) : '-').padStart(6);

function line(name: string, counts: Counts | null): string {
  if (!counts || counts.hit + counts.missed === 0) return `${name.padEnd(40)}${'-'.padStart(6).repeat(3)}`;
  const { user, producer, f1 } = accuracyOf(counts);
  return `${name.padEnd(40)}${percent(user)}${percent(producer)}${percent(f1)}`;
}

function labelledTable(scores: readonly CloudScore[]): string[] {
  const rows = ['label'.padEnd(40) + ['user', 'prod', 'F1'].map((word) => word.padStart(6)).join('')];
  const kinds = ['thick', 'thickStrict', 'thin', 'any', 'shadow'] as const;
  const add = (name: string, group: readonly CloudScore[]): void => {
    for (const kind of kinds) {
      const counts = group.map((score) => score[kind]).filter((entry) => entry !== null);
      if (counts.length > 0) rows.push(line(`${name} ${kind}`, counts.reduce(addCounts)));
    }
  };
  add(
    'biome',
    scores.filter(({ scene }) => scene.set === 'biome'),
  );
  for (const score of scores) if (score.scene.truth && score.scene.set !== 'biome') add(score.scene.name, [score]);
  for (const score of scores.filter(({ scene }) => scene.set === 'biome')) {
    rows.push(line(`  ${score.scene.name} thick`, score.thick), line(`  ${score.scene.name} any`, score.any));
    if (score.shadow) rows.push(line(`  ${score.scene.name} shadow`, score.shadow));
  }
  return rows;
}

function shareTable(scores: readonly CloudScore[]): string[] {
  const words = ['cloud', 'thin', 'shadow', 'unobs.'];
  return [
    'share of the valid pixels (%)'.padEnd(40) + words.map((word) => word.padStart(7)).join(''),
    ...scores
      .filter(({ scene }) => !scene.truth)
      .map(({ scene, share }) =>
        [share.cloud, share.thin, share.shadow, share.unobserved].reduce(
          (text, fraction) => `${text} ${percent(fraction)}`,
          scene.name.padEnd(40),
        ),
      ),
  ];
}

const folder = cloudDataFolder();
if (folder === null) process.stdout.write('skipped: ../shared is absent\n');
else {
  const scores = (await readCloudScenes(folder)).map((scene) => scoreScene(scene));
  process.stdout.write([...labelledTable(scores), '', ...shareTable(scores), ''].join('\n'));
}
