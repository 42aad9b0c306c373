'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, afterEach, before, beforeEach, describe, it } = require('node:test');

const services = path.resolve(__dirname, '../../../tests/services');
// The package as an action finds it, and the S3 client that an action brings along.
process.env.NODE_PATH = [path.resolve(__dirname, '..'), path.join(services, 'minio-client/node_modules')].join(path.delimiter);
require('node:module').Module._initPaths();
const { ObjectStore, ObjectStoreError, NoSuchKey, FencingTokenStale, action } = require('object_store');

const context = { action_id: 'a'.repeat(24), orch_id: 'b'.repeat(24) };
const asked = (attempt = 1, fencing = []) => ({ context, __orchestration: { attempt, fencing } });

let work;
beforeEach(() => {
  work = fs.mkdtempSync(path.join(os.tmpdir(), 'object-store-'));
  process.chdir(work);
  for (const name of ['STORAGE_ENDPOINT', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
});
afterEach(() => {
  process.chdir(os.tmpdir());
  fs.rmSync(work, { recursive: true });
});

function write(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}

function contract(name, configOf) {
  describe(name, () => {
    it('puts and gets what a file has, and makes buckets', async () => {
      const objects = new ObjectStore(configOf(), ['texts', 'texts-two']);
      for (const content of ['', 'Zoë', Buffer.alloc(17 << 20, 'x')]) {
        write('texts/a/b.txt', content);
        await objects.put(context, 'texts', 'a/b.txt');
        fs.rmSync('texts/a/b.txt');
        await objects.get(context, 'texts', 'a/b.txt');
        assert.ok(fs.readFileSync('texts/a/b.txt').equals(Buffer.from(content)));
      }
      assert.ok(fs.existsSync('texts-two'));
      assert.deepStrictEqual(fs.readdirSync('texts/a'), ['b.txt']);
    });

    it('tells of a missing object and of a missing bucket by NoSuchKey, and leaves the local file', async () => {
      const objects = new ObjectStore(configOf(), ['texts']);
      write('texts/none', 'old');
      for (const [bucket, key] of [['texts', 'none'], ['no-such-bucket', 'none']]) {
        await assert.rejects(objects.get(context, bucket, key), (error) => error instanceof NoSuchKey && error.code === 'NoSuchKey' && error.meta.key === `${bucket}/${key}`);
      }
      assert.strictEqual(fs.readFileSync('texts/none', 'utf8'), 'old');
    });

    it('removes, and removing what is not there is no error', async () => {
      const objects = new ObjectStore(configOf(), ['texts']);
      write('texts/gone', 'x');
      await objects.put({}, 'texts', 'gone');
      await objects.remove({}, 'texts', 'gone');
      await objects.remove({}, 'texts', 'gone');
      await assert.rejects(objects.get({}, 'texts', 'gone'), NoSuchKey);
    });

    it('reports what an action read, wrote and missed, also beside an error', async () => {
      const main = action(async (args) => {
        assert.deepStrictEqual(Object.keys(args), ['context']);
        const objects = new ObjectStore(configOf(), ['texts']);
        write('texts/one', 'hello');
        await objects.put(args.context, 'texts', 'one');
        await objects.get(args.context, 'texts', 'one');
        await objects.get(args.context, 'texts', 'not-there');
      });
      const { error } = await main(asked(3));
      assert.deepStrictEqual([error.code, error.meta], ['NoSuchKey', { key: 'texts/not-there' }]);
      const report = error.__orchestration;
      assert.deepStrictEqual([report.v, report.actionId, report.attempt], [1, context.action_id, 3]);
      assert.deepStrictEqual(report.writes.map((e) => [e.object, e.size]), [['texts/one', 5]]);
      assert.deepStrictEqual(report.reads, [{ ...report.writes[0], time: report.reads[0].time }]);
      assert.deepStrictEqual(report.missing.map((e) => Object.keys(e)), [['object', 'time']]);
    });

    it('refuses to write under a grant that a later one has followed', async () => {
      const object = `shared-${Math.random().toString(36).slice(2)}`;
      const main = action(async (args) => {
        const objects = new ObjectStore(configOf(), ['texts']);
        write(`texts/${object}`, 'x');
        await objects.put(args.context, 'texts', object);
        return {};
      });
      const grant = (number) => asked(1, [{ object: `texts/${object}`, number }]);
      assert.strictEqual((await main(grant(7))).error, undefined);
      assert.strictEqual((await main(grant(7))).error, undefined);
      assert.strictEqual((await main(grant(6))).error.code, 'FencingTokenStale');
      assert.strictEqual(new FencingTokenStale('a/b', 6, 7).meta.key, 'a/b');
    });

    it('stores a report that is too large for a reply', async () => {
      const main = action(async (args) => {
        const objects = new ObjectStore(configOf(), ['texts']);
        const key = 'k'.repeat(200);
        write(`texts/${key}`, 'x');
        await objects.put(args.context, 'texts', key);
        for (let i = 0; i < 1200; i++) require('object_store/tracking').record('reads', 'texts', key, 1, 'e');
        return { done: true };
      });
      const reply = await main(asked());
      assert.deepStrictEqual([reply.done, reply.__orchestration.report], [true, `texts/.orchestration/${context.action_id}-1.json`]);
      await new ObjectStore(configOf(), ['texts']).get({}, 'texts', `.orchestration/${context.action_id}-1.json`);
      assert.strictEqual(JSON.parse(fs.readFileSync(`texts/.orchestration/${context.action_id}-1.json`)).reads.length, 1200);
    });
  });
}

contract('a folder', () => ({ STORAGE_ENDPOINT: `file:${path.join(work, 'store')}` }));

describe('S3', () => {
  let server;
  let folder;
  let config;
  before(async () => {
    for (const service of ['s3rver', 'minio-client']) {
      assert.ok(fs.existsSync(path.join(services, service, 'node_modules')), `The S3 tests need tests/services/${service}: npm ci --prefix tests/services/${service} (./test does it).`);
    }
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 's3-'));
    server = spawn('node', [path.join(services, 's3rver/start.js'), '0', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise((resolve) => server.stdout.once('data', (data) => resolve(String(data))));
    config = { STORAGE_ENDPOINT: `127.0.0.1:${line.trim().split(' ')[1]}`, AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
  });
  after(() => {
    server.kill();
    fs.rmSync(folder, { recursive: true });
  });
  contract('a server', () => config);
});

describe('the action', () => {
  it('without an orchestrator gives its result alone', async () => {
    assert.deepStrictEqual(await action((args) => ({ got: args.x }))({ x: 1 }), { got: 1 });
  });

  it('turns what is thrown, and what is no object, into the error reply', async () => {
    const thrown = await action(() => { throw new RangeError('too far'); })({});
    assert.deepStrictEqual(thrown, { error: { code: 'RangeError', message: 'too far', meta: null } });
    for (const value of [null, 5, [1]]) assert.strictEqual((await action(() => value)({})).error.code, 'TypeError');
  });

  it('keeps the notes of calls that run at once apart', async () => {
    const main = action(async (args) => {
      const objects = new ObjectStore({ STORAGE_ENDPOINT: `file:${path.join(work, 'store')}` }, ['texts']);
      write(`texts/${args.name}`, args.name);
      await objects.put(args.context, 'texts', args.name);
      return {};
    });
    const replies = await Promise.all(['a', 'b', 'c'].map((name) => main({ ...asked(), name })));
    assert.deepStrictEqual(replies.map((r) => r.__orchestration.writes.map((w) => w.object)), [['texts/a'], ['texts/b'], ['texts/c']]);
  });
});

describe('settings', () => {
  it('come from the environment when the config lacks them; without an endpoint nothing is done', async () => {
    process.env.STORAGE_ENDPOINT = `file://${path.join(work, 'st ore').replace(' ', '%20')}`;
    write('texts/x', '1');
    await new ObjectStore(null, ['texts']).put({}, 'texts', 'x');
    assert.ok(fs.existsSync(path.join(work, 'st ore/texts/x')));
    await new ObjectStore({ STORAGE_ENDPOINT: '' }, ['texts']).put({}, 'texts', 'not-there');
    await new ObjectStore({ STORAGE_ENDPOINT: undefined }).get({}, 'texts', 'not-there');
  });

  it('of no kind of store, and names that are no objects, are refused', async () => {
    assert.throws(() => new ObjectStore({ STORAGE_ENDPOINT: 'ftp://host' }), /unknown scheme 'ftp'/);
    assert.throws(() => new ObjectStore({ STORAGE_ENDPOINT: 'file:' }), /names no folder/);
    const objects = new ObjectStore({ STORAGE_ENDPOINT: `file:${work}/store` }, ['texts']);
    await assert.rejects(objects.get({}, 'texts', '../up'), /no object name/);
    await assert.rejects(objects.get({}, '', 'x'), /no object name/);
    write('texts/a', '1');
    await objects.put({}, 'texts', 'a');
    write('texts2/a', '1');
    await assert.rejects(objects.put({}, 'texts2', 'a'), (e) => e instanceof ObjectStoreError && e.code === 'NoSuchBucket');
  });
});
