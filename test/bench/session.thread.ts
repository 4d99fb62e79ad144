import { InferenceSession, Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import { serveThread } from '../../workers/pool/serve-thread.ts';

/** So many calls of a bare session on tiles of this size. */
export const sessionQuestionSchema = z.strictObject({
  weightsPath: z.string(),
  inputs: z.array(z.string()),
  channels: z.number().int(),
  sidePx: z.number().int(),
  calls: z.number().int(),
});
export type SessionQuestion = z.infer<typeof sessionQuestionSchema>;

let session: InferenceSession | null = null;

serveThread<unknown, number>(async (input) => {
  const { weightsPath, inputs, channels, sidePx, calls } = sessionQuestionSchema.parse(input);
  session ??= await InferenceSession.create(weightsPath, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const data = Float32Array.from({ length: channels * sidePx * sidePx }, (_, i) => Math.sin(i * 0.37) * 0.5);
  const feeds = Object.fromEntries(
    inputs.map((name) => [name, new Tensor('float32', data, [1, channels, sidePx, sidePx])]),
  );
  for (let call = 0; call < calls; call++)
    for (const tensor of Object.values(await session.run(feeds))) tensor.dispose();
  return { output: calls };
});
