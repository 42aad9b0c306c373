// The cases on Restate. Everything binds to 127.0.0.1 and stores below a folder of its own; telemetry is off.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { invoke, parallelism, runCases, until } from "../cases.mjs";

// The SDK wants Node.js 22 for this alone.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};
process.env.RESTATE_LOGGING = "ERROR";
const restate = await import("@restatedev/restate-sdk");

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
    ...process.env, TMPDIR: folder, DO_NOT_TRACK: "1", RESTATE_DISABLE_TELEMETRY: "true", RESTATE_BIND_IP: "127.0.0.1", RESTATE_LOG_FILTER: "warn",
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
  await until(server, async () => (await fetch(`http://127.0.0.1:${ports.admin}/health`)).ok);
  await until(server, async () => (await fetch(`http://127.0.0.1:${ports.ingress}/restate/health`)).ok);
  const registered = await fetch(`http://127.0.0.1:${ports.admin}/deployments`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ uri: `http://127.0.0.1:${endpoint.address().port}` }),
  });
  if (!registered.ok) throw new Error(`The service was not registered: ${await registered.text()}`);
  await runCases(call);
} catch (problem) {
  console.error(`${problem.message}\n${said.slice(-2000)}`);
  process.exitCode = 1;
} finally {
  process.kill(-server.pid, "SIGKILL");
  endpoint.close();
  await new Promise((resolve) => server.once("exit", resolve));
  rmSync(folder, { recursive: true, force: true });
  process.exit();
}

async function call(handler, count) {
  const answer = await fetch(`http://127.0.0.1:${ports.ingress}/peer/${handler}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(count) });
  if (!answer.ok) throw new Error(`${handler}: ${answer.status} ${await answer.text()}`);
  await answer.text();
}
