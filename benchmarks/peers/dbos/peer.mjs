// The cases on DBOS with a PostgreSQL of its own, which syncs each commit, as its defaults have it: a cluster in a folder that goes with it, reached over a socket in that folder alone.
// Takes Debian's package postgresql.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { invoke, parallelism, runCases, until } from "../cases.mjs";

const versions = "/usr/lib/postgresql";
if (!existsSync(versions)) {
  console.error(`There is no PostgreSQL in ${versions}: install Debian's package postgresql.`);
  process.exit(1);
}

const programs = join(versions, readdirSync(versions).sort((a, b) => b - a)[0], "bin");
const folder = mkdtempSync(join(tmpdir(), "orchestration-dbos-"));
// PostgreSQL does not run as root; the package brings a user for it.
const asRoot = process.getuid() === 0;
if (asRoot) execFileSync("chown", ["postgres", folder]);
chmodSync(folder, 0o700);
const command = (program, ...rest) => (asRoot ? ["runuser", ["-u", "postgres", "--", join(programs, program), ...rest]] : [join(programs, program), rest]);
const run = (program, ...rest) => execFileSync(...command(program, ...rest), { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });

let server;
try {
  run("initdb", "-D", join(folder, "data"), "-U", "postgres", "--auth=trust", "--no-sync");
  server = spawn(...command("postgres", "-D", join(folder, "data"), "-c", "listen_addresses=", "-c", `unix_socket_directories=${folder}`), { cwd: folder, stdio: "ignore" });
  await until(server, () => run("pg_isready", "-q", "-h", folder, "-U", "postgres") !== null);
  const { DBOS } = await import("@dbos-inc/dbos-sdk");
  const workflows = {
    sequence: DBOS.registerWorkflow(async (count) => {
      for (let i = 0; i < count; i++) await DBOS.runStep(invoke, { name: `step ${i}` });
    }, { name: "sequence" }),
    fanOut: DBOS.registerWorkflow(async (count) => {
      for (let done = 0; done < count; done += parallelism)
        await Promise.all(Array.from({ length: Math.min(parallelism, count - done) }, (_, i) => DBOS.runStep(invoke, { name: `action ${done + i}` })));
    }, { name: "fanOut" }),
  };
  DBOS.setConfig({ name: "peer", systemDatabaseUrl: `postgresql://postgres@localhost/peer?host=${folder}`, logLevel: "error" });
  await DBOS.launch();
  await runCases((name, count) => {
    // Called as a method it would take the object for an instance of a class.
    const workflow = workflows[name];
    return workflow(count);
  });
  await DBOS.shutdown();
} catch (problem) {
  console.error(problem);
  process.exitCode = 1;
} finally {
  if (server?.exitCode === null) run("pg_ctl", "stop", "-D", join(folder, "data"), "-m", "immediate");
  rmSync(folder, { recursive: true, force: true });
  process.exit();
}
