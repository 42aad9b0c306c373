// The cases P1, P2 and P4 on another engine, each step a durable call of the same action at the same stand-in OpenWhisk. A peer's script takes OPENWHISK_URL COUNTS,
// where COUNTS is "STEPS FAN RUNS", and prints a JSON object a case.
import { Agent, request } from "node:http";

const [whisk, counts] = process.argv.slice(2);
const [steps, fan, runs] = counts.split(" ").map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: 100 });
const action = new URL("/api/v1/namespaces/_/actions/noop?blocking=true&timeout=5000", whisk);

export const parallelism = 100;

// A remote call against a remote call: the body is parsed, as the orchestrator does.
export function invoke() {
  return new Promise((resolve, reject) => {
    const body = '{"n":1}';
    const call = request(action, { method: "POST", agent, headers: { "content-type": "application/json", "content-length": body.length } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => resolve(JSON.parse(text).response.success));
    });
    call.on("error", reject).end(body);
  });
}

// run(name, count) runs the workflow "sequence" or "fanOut" with so many actions to its end.
export async function runCases(run) {
  await run("sequence", 50);
  print("P1", steps, await time(() => run("sequence", steps)));
  await run("fanOut", 500);
  print("P2", fan, await time(() => run("fanOut", fan)));
  let next = 0;
  const many = async () => { while (next++ < runs) await run("sequence", 5); };
  print("P4", runs * 5, await time(() => Promise.all(Array.from({ length: 64 }, many))));
  agent.destroy();
}

// Asks a server that is being started until it is ready.
export async function until(process, ready) {
  for (let tries = 0; tries < 300 && process.exitCode === null; tries++) {
    try {
      if (await ready()) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${process.spawnfile} did not become ready.`);
}

function print(name, actions, seconds) {
  console.log(JSON.stringify({ case: name, seconds, actions }));
}

async function time(work) {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}
