// peer.mjs OPENWHISK_URL COUNTS: the cases P1, P2 and P4 on Restate, each step a journaled call of the same action at the same stand-in OpenWhisk. Prints a JSON object a case.
// COUNTS is "STEPS FAN RUNS". Everything binds to 127.0.0.1 and stores below a folder of its own; telemetry is off.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { createServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// The SDK wants Node.js 22 for this alone.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};
process.env.RESTATE_LOGGING = "ERROR";
const restate = await import("@restatedev/restate-sdk");

const [whisk, counts] = process.argv.slice(2);
const [steps, fan, runs] = counts.split(" ").map(Number);
const parallelism = 100;
const agent = new Agent({ keepAlive: true, maxSockets: parallelism });
const action = new URL("/api/v1/namespaces/_/actions/noop?blocking=true&timeout=5000", whisk);

// A remote call against a remote call: the body is parsed, as the orchestrator does.
function invoke() {
  return new Promise((resolve, reject) => {
    const body = '{"n":1}';
    const call = request(action, { method: "POST", agent, headers: { "content-type": "application/json", "content-length": body.length } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => resolve(JSON.parse(text).response.success));
    });
    call.on("error", reject).end(body);
  });
}

const service = restate.service({
  name: "peer",
  handlers: {
    sequence: async (ctx, count) => {
      for (let i = 0; i < count; i++) await ctx.run(`step ${i}`, invoke);
    },
    fanOut: async (ctx, count) => {
      for (let done = 0; done < count; done += parallelism)
        await restate.RestatePromise.all(Array.from({ length: Math.min(parallelism, count - done) }, (_, i) => ctx.run(`action ${done + i}`, invoke)));
    },
  },
});

const folder = mkdtempSync(join(tmpdir(), "orchestration-restate-"));
const ports = { ingress: 18080 + (process.pid % 1000), admin: 19080 + (process.pid % 1000), node: 15122 + (process.pid % 1000) };
const endpoint = createServer(restate.createEndpointHandler({ services: [service] }));
await new Promise((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
const server = spawn(fileURLToPath(new URL("node_modules/.bin/restate-server", import.meta.url)), ["--no-logo", "--listen-mode", "tcp", "--base-dir", folder], {
  env: {
    ...process.env, DO_NOT_TRACK: "1", RESTATE_DISABLE_TELEMETRY: "true", RESTATE_BIND_IP: "127.0.0.1", RESTATE_LOG_FILTER: "warn",
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ports.ingress}`, RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${ports.admin}`, RESTATE_BIND_ADDRESS: `127.0.0.1:${ports.node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${ports.node}`,
  },
  stdio: ["ignore", "pipe", "pipe"],
  // What npm installs is a script that starts the server: both end together.
  detached: true,
});
let said = "";
server.stdout.on("data", (part) => (said += part));
server.stderr.on("data", (part) => (said += part));

try {
  await until(async () => (await fetch(`http://127.0.0.1:${ports.admin}/health`)).ok);
  await until(async () => (await fetch(`http://127.0.0.1:${ports.ingress}/restate/health`)).ok);
  const registered = await fetch(`http://127.0.0.1:${ports.admin}/deployments`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ uri: `http://127.0.0.1:${endpoint.address().port}` }),
  });
  if (!registered.ok) throw new Error(`The service was not registered: ${await registered.text()}`);
  await call("sequence", 50);
  console.log(JSON.stringify({ case: "P1", seconds: await time(() => call("sequence", steps)), actions: steps }));
  await call("fanOut", 500);
  console.log(JSON.stringify({ case: "P2", seconds: await time(() => call("fanOut", fan)), actions: fan }));
  let next = 0;
  const many = async () => { while (next++ < runs) await call("sequence", 5); };
  console.log(JSON.stringify({ case: "P4", seconds: await time(() => Promise.all(Array.from({ length: 64 }, many))), actions: runs * 5 }));
} catch (problem) {
  console.error(`${problem.message}\n${said.slice(-2000)}`);
  process.exitCode = 1;
} finally {
  process.kill(-server.pid, "SIGKILL");
  endpoint.close();
  agent.destroy();
  await new Promise((resolve) => server.once("exit", resolve));
  rmSync(folder, { recursive: true, force: true });
  process.exit();
}

async function call(handler, count) {
  const answer = await fetch(`http://127.0.0.1:${ports.ingress}/peer/${handler}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(count) });
  if (!answer.ok) throw new Error(`${handler}: ${answer.status} ${await answer.text()}`);
  await answer.text();
}

async function time(work) {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

async function until(ready) {
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) break;
    try {
      if (await ready()) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The Restate server did not become ready.");
}
