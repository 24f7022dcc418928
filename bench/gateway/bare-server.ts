/**
 * The peer: what one writes in an afternoon. node:http, JSON.parse, the same features from the same request (congestion as
 * constants, for it has no feature store), ONNX Runtime on one thread, an OIP answer. No token, no checks, no journal.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { InferenceSession, Tensor } from "onnxruntime-node";

const [path = ""] = process.argv.slice(2);
const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });

interface Input {
  name: string;
  data: (number | string)[];
}

function featuresOf(inputs: Input[]): Float32Array {
  const value = (name: string) => Number(inputs.find((input) => input.name === name)?.data[0]);
  const local = new Date(value("departure_local"));
  return Float32Array.of(local.getUTCHours(), (local.getUTCDay() + 6) % 7, value("distance"), 0.2, 0.2, 0.2, 0.2);
}

const server = createServer({ noDelay: true }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const features = new Tensor("float32", featuresOf(body.inputs), [1, 7]);
    const results = await session.run({ features });
    const answer = JSON.stringify({
      model_name: "late",
      model_version: "1",
      outputs: [
        {
          name: "probability",
          datatype: "FP32",
          shape: [1, 1],
          data: Array.from(results.probability?.data as Float32Array),
        },
      ],
    });
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(answer) });
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1");
for await (const _line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port, pid: process.pid })}\n`);
}
