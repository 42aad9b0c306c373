// Objects as files: DIR/<bucket>/<key>. The orchestrator's own folder store and the Python package use the same layout.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { pipeline } = require('stream/promises');
const { fileURLToPath } = require('url');
const { FencingTokenStale, NoSuchKey, ObjectStoreError } = require('./errors');

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);
const CODES = { EACCES: 'AccessDenied', EPERM: 'AccessDenied', EROFS: 'AccessDenied', ENOSPC: 'StorageFull', EDQUOT: 'StorageFull', ENAMETOOLONG: 'KeyTooLongError' };
const MOVES = 100;

class FolderStore {
  constructor(folder) {
    this._root = path.resolve(folder);
  }

  async makeBucket(bucket) {
    await told(bucket, () => fs.promises.mkdir(this._bucket(bucket), { recursive: true }));
  }

  async put(bucket, key, file, fencing) {
    const name = `${bucket}/${key}`;
    const target = this._path(bucket, key);
    if (!fs.existsSync(this._bucket(bucket))) throw new ObjectStoreError('NoSuchBucket', `The bucket '${bucket}' does not exist.`, name);
    const folder = path.join(this._root, '.tmp');
    const temporary = path.join(folder, crypto.randomUUID());
    try {
      return await told(name, async () => {
        await fs.promises.mkdir(folder, { recursive: true });
        await pipeline(fs.createReadStream(file), fs.createWriteStream(temporary, { flags: 'wx' }));
        await flush(temporary);
        const found = await fs.promises.stat(temporary, { bigint: true });
        await this._checkFencing(name, fencing);
        await move(temporary, target);
        return { size: Number(found.size), etag: etag(found) };
      });
    } catch (error) {
      await fs.promises.rm(temporary, { force: true });
      throw error;
    }
  }

  async get(bucket, key, file) {
    const name = `${bucket}/${key}`;
    let source;
    try {
      source = await fs.promises.open(this._path(bucket, key), 'r');
      if ((await source.stat()).isDirectory()) throw Object.assign(new Error(name), { code: 'EISDIR' });
    } catch (error) {
      await source?.close();
      if (MISSING.has(error.code)) throw new NoSuchKey(name);
      throw translated(name, error);
    }
    return told(name, async () => {
      const found = await source.stat({ bigint: true });
      // The stream closes the file.
      await pipeline(source.createReadStream(), fs.createWriteStream(file));
      return { size: Number(found.size), etag: etag(found) };
    });
  }

  async remove(bucket, key) {
    const target = this._path(bucket, key);
    try {
      await fs.promises.unlink(target);
    } catch (error) {
      if (!MISSING.has(error.code)) throw translated(`${bucket}/${key}`, error);
      return;
    }
    for (let folder = path.dirname(target); folder !== this._bucket(bucket); folder = path.dirname(folder)) {
      try {
        await fs.promises.rmdir(folder);
      } catch {
        return;
      }
    }
  }

  // Looked at right before the object appears. Node.js has no lock that the other languages' stores would see, so a writer that comes in between is not noticed.
  async _checkFencing(name, number) {
    if (number === null) return;
    const folder = path.join(this._root, '.fencing');
    const file = path.join(folder, crypto.createHash('sha256').update(name).digest('hex'));
    await fs.promises.mkdir(folder, { recursive: true });
    const latest = Number(await fs.promises.readFile(file, 'utf8').catch(() => '0')) || 0;
    if (latest > number) throw new FencingTokenStale(name, number, latest);
    if (latest < number) {
      await fs.promises.writeFile(file, String(number));
      await flush(file);
    }
  }

  _bucket(bucket) {
    if (bucket.startsWith('.') || bucket.includes('/') || bucket.includes('\0')) throw new Error(`'${bucket}' is no bucket name: it must be one folder name that does not begin with a dot.`);
    return path.join(this._root, bucket);
  }

  _path(bucket, key) {
    if (key.includes('\0') || key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw new Error(`The key '${key}' would leave or confuse the folder store: it must be a relative path without empty, '.' or '..' parts.`);
    }
    return path.join(this._bucket(bucket), key);
  }
}

function folderOf(endpoint) {
  const folder = endpoint.startsWith('file://') ? fileURLToPath(endpoint) : endpoint.slice('file:'.length);
  if (!folder) throw new Error(`STORAGE_ENDPOINT '${endpoint}' names no folder: use file:///absolute/folder or file:DIR.`);
  return folder;
}

// In steps of 100 ns: what .NET can see of a file's time, and all must give one object the same etag.
function etag(found) {
  return `${found.size.toString(16)}-${((found.mtimeNs / 100n) * 100n).toString(16)}`;
}

// Without it a power cut can leave the renamed file there with no content.
async function flush(file) {
  const handle = await fs.promises.open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function move(temporary, target) {
  for (let left = MOVES; ; left--) {
    try {
      await fs.promises.mkdir(path.dirname(target), { recursive: true });
      await fs.promises.rename(temporary, target);
      return;
    } catch (error) {
      // Somebody removed the folder's last object in between, and the empty folder with it.
      if (error.code !== 'ENOENT' || left === 0) throw error;
    }
  }
}

async function told(name, body) {
  try {
    return await body();
  } catch (error) {
    throw translated(name, error);
  }
}

function translated(name, error) {
  if (error instanceof ObjectStoreError || !error.code) return error;
  if (['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY'].includes(error.code)) {
    return new ObjectStoreError('InvalidRequest', `'${name}' cannot be stored: a folder store cannot hold an object and others below its name.`, name, error);
  }
  return new ObjectStoreError(CODES[error.code] || error.code, `'${name}': ${error.message}.`, name, error);
}

module.exports = { FolderStore, folderOf };
