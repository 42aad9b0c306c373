// Objects in S3 or MinIO, by the package minio.
'use strict';

const fs = require('fs');
const { pipeline } = require('stream/promises');
const { FencingTokenStale, NoSuchKey, ObjectStoreError } = require('./errors');

const FENCING = 'fencing-number';
const ATTEMPTS = 3;
const PAUSE_MS = 200;
const PART = 16 << 20;

let minio;
try {
  minio = require('minio');
} catch (error) {
  throw new Error("An http(s) STORAGE_ENDPOINT needs the package 'minio': put it into the dependencies of package.json (npm install minio), or use a folder (STORAGE_ENDPOINT=file:DIR).", { cause: error });
}

class S3Store {
  constructor(endpoint, accessKey, secretKey) {
    const url = new URL(endpoint);
    const useSSL = url.protocol === 'https:';
    this._client = new minio.Client({
      endPoint: url.hostname, port: Number(url.port) || (useSSL ? 443 : 80), useSSL, accessKey, secretKey, partSize: PART, pathStyle: true,
      region: process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || 'us-east-1',
    });
  }

  async makeBucket(bucket) {
    await told(bucket, null, async () => {
      if (await this._client.bucketExists(bucket)) return;
      try {
        await this._client.makeBucket(bucket);
      } catch (error) {
        // Several actions that make it at the same moment.
        if (!['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes(error.code) && !(await this._client.bucketExists(bucket))) throw error;
      }
    });
  }

  async put(bucket, key, file, fencing) {
    const { size } = await fs.promises.stat(file);
    return told(bucket, key, async () => {
      await this._checkFencing(bucket, key, fencing);
      const metadata = fencing === null ? {} : { [`x-amz-meta-${FENCING}`]: String(fencing) };
      const { etag } = await this._client.putObject(bucket, key, fs.createReadStream(file), size, metadata);
      return { size, etag: unquoted(etag) };
    });
  }

  async get(bucket, key, file) {
    return told(bucket, key, async () => {
      try {
        const stream = await this._client.getObject(bucket, key);
        const { headers } = stream;
        await pipeline(stream, fs.createWriteStream(file));
        return { size: Number(headers['content-length']), etag: unquoted(headers.etag) };
      } catch (error) {
        if (['NoSuchKey', 'NoSuchBucket', 'NotFound'].includes(error.code)) throw new NoSuchKey(`${bucket}/${key}`);
        throw error;
      }
    });
  }

  async remove(bucket, key) {
    await told(bucket, key, () => this._client.removeObject(bucket, key));
  }

  async _checkFencing(bucket, key, number) {
    if (number === null) return;
    let latest = 0;
    try {
      latest = Number((await this._client.statObject(bucket, key)).metaData[FENCING]) || 0;
    } catch (error) {
      if (!['NotFound', 'NoSuchKey'].includes(error.code)) throw error;
    }
    if (latest > number) throw new FencingTokenStale(`${bucket}/${key}`, number, latest);
  }
}

async function told(bucket, key, body) {
  const name = key === null ? bucket : `${bucket}/${key}`;
  for (let attempt = 1; ; attempt++) {
    try {
      return await body();
    } catch (error) {
      if (error instanceof ObjectStoreError) throw error;
      if (attempt < ATTEMPTS && isPassing(error)) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
        continue;
      }
      throw new ObjectStoreError(error.code || error.name, `'${name}': ${error.message || error.code}`, key === null ? null : name, error);
    }
  }
}

// The network, or the server's own trouble.
function isPassing(error) {
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'ERR_STREAM_PREMATURE_CLOSE', 'InternalError', 'SlowDown', 'ServiceUnavailable'].includes(error.code) || error.message === 'aborted';
}

function unquoted(etag) {
  return (etag || '').replace(/"/g, '');
}

module.exports = { S3Store };
