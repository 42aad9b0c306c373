// Object store access for OpenWhisk actions; see README.md beside this folder. Types are in index.d.ts.
'use strict';

const fs = require('fs');
const path = require('path');
const tracking = require('./tracking');
const { FencingTokenStale, NoSuchKey, ObjectStoreError } = require('./errors');
const { FolderStore, folderOf } = require('./folder');
const { action } = require('./actions');

const SETTINGS = ['STORAGE_ENDPOINT', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

function fromEnvironment() {
  return Object.fromEntries(SETTINGS.map((name) => [name, process.env[name]]));
}

class ObjectStore {
  constructor(config, buckets = []) {
    const settings = { ...fromEnvironment(), ...(config || {}) };
    this.buckets = [...buckets];
    this._backend = connect(settings);
    this._ready = null;
    if (this._backend) tracking.used(this);
  }

  async put(context, bucket, fileName) {
    check(bucket, fileName);
    if (!this._backend) return;
    await this._make();
    const { size, etag } = await this._backend.put(bucket, fileName, local(bucket, fileName), tracking.fencing(bucket, fileName));
    tracking.record('writes', bucket, fileName, size, etag);
  }

  async get(context, bucket, fileName) {
    check(bucket, fileName);
    if (!this._backend) return;
    await this._make();
    const file = local(bucket, fileName);
    await fs.promises.mkdir(path.dirname(file), { recursive: true });
    const temporary = path.join(path.dirname(file), `.get-${process.pid}-${Math.random().toString(36).slice(2)}`);
    try {
      const { size, etag } = await this._backend.get(bucket, fileName, temporary);
      const got = (await fs.promises.stat(temporary)).size;
      if (got !== size) throw new ObjectStoreError('IncompleteBody', `'${bucket}/${fileName}' has ${size} bytes, and ${got} of them came.`, `${bucket}/${fileName}`);
      await fs.promises.rename(temporary, file);
      tracking.record('reads', bucket, fileName, size, etag);
    } catch (error) {
      await fs.promises.rm(temporary, { force: true });
      if (error instanceof NoSuchKey) tracking.record('missing', bucket, fileName);
      throw error;
    }
  }

  async remove(context, bucket, fileName) {
    check(bucket, fileName);
    if (this._backend) await this._backend.remove(bucket, fileName);
  }

  // A report that is too large for a reply; it is not noted as a write of the action.
  async _putReport(bucket, key, content) {
    const file = path.join(require('os').tmpdir(), `report-${process.pid}-${Math.random().toString(36).slice(2)}.json`);
    await fs.promises.writeFile(file, content);
    try {
      await this._backend.put(bucket, key, file, null);
    } finally {
      await fs.promises.rm(file, { force: true });
    }
  }

  // Once: a constructor cannot wait.
  _make() {
    this._ready = this._ready || Promise.all(this.buckets.map(async (bucket) => {
      await fs.promises.mkdir(bucket, { recursive: true });
      await this._backend.makeBucket(bucket);
    }));
    return this._ready;
  }
}

function connect(settings) {
  const endpoint = settings.STORAGE_ENDPOINT;
  if (!endpoint) return null;
  if (endpoint.startsWith('file:')) return new FolderStore(folderOf(endpoint));
  const scheme = endpoint.includes('://') ? endpoint.split('://')[0] : 'http';
  if (scheme !== 'http' && scheme !== 'https') {
    throw new Error(`STORAGE_ENDPOINT '${endpoint}' has an unknown scheme '${scheme}': use http://, https://, host:port or file:DIR.`);
  }
  const { S3Store } = require('./s3');
  return new S3Store(endpoint.includes('://') ? endpoint : `http://${endpoint}`, settings.AWS_ACCESS_KEY_ID, settings.AWS_SECRET_ACCESS_KEY);
}

function check(bucket, fileName) {
  const name = `${bucket}/${fileName}`;
  if (!bucket || !fileName || name.includes('\0') || name.split('/').includes('..')) {
    throw new Error(`'${name}' is no object name: bucket and key must not be empty or contain '..' parts.`);
  }
}

function local(bucket, fileName) {
  return `${bucket}/${fileName}`;
}

module.exports = { ObjectStore, ObjectStoreError, NoSuchKey, FencingTokenStale, action, fromEnvironment };
