// Stage `labels`: run the teacher (Dynamic World) over work/teacher/*.f32 and write its probabilities as uint8 × 255.
// In: float32 [9,H,W] DN without offset, H and W even. Out: work/teacher/<file>.u8, uint8 [9,H,W]; existing ones are kept.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ort from 'onnxruntime-node';

const here = dirname(fileURLToPath(import.meta.url));
const work = process.env.TIANWATCH_TRAINING ?? join(here, 'work');
const shared = process.env.TIANWATCH_SHARED ?? join(here, '../../../shared');
const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
const session = await ort.InferenceSession.create(join(shared, 'data/dynamicworld/dynamicworld_forward.onnx'), options);
for (const { file, height, width } of JSON.parse(readFileSync(join(work, 'teacher/list.json'), 'utf8'))) {
  const out = join(work, `teacher/${file}.u8`);
  if (existsSync(out)) continue;
  const bytes = readFileSync(join(work, `teacher/${file}.f32`));
  const dn = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const { prob } = await session.run({ dn: new ort.Tensor('float32', dn, [1, 9, height, width]) });
  writeFileSync(`${out}.part`, Uint8Array.from(prob.data, (p) => Math.round(p * 255)));
  renameSync(`${out}.part`, out);
  process.stdout.write(`${file}\n`);
}
