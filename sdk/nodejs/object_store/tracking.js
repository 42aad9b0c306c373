// What an invocation reads, writes and misses. Each call of an action has its own notes, also when several run at once.
'use strict';

const { AsyncLocalStorage } = require('async_hooks');

const invocations = new AsyncLocalStorage();
let latestStore = null;

function run(fencing, body) {
  const invocation = { reads: [], writes: [], missing: [], store: null, fencing: new Map((fencing || []).map((entry) => [entry.object, entry.number])) };
  return invocations.run(invocation, () => body(invocation));
}

function record(kind, bucket, key, size, etag) {
  const invocation = invocations.getStore();
  if (!invocation) return;
  const entry = { object: `${bucket}/${key}` };
  if (size !== undefined) Object.assign(entry, { size, etag });
  entry.time = new Date().toISOString();
  invocation[kind].push(entry);
}

function fencing(bucket, key) {
  const number = invocations.getStore()?.fencing.get(`${bucket}/${key}`);
  return number === undefined ? null : number;
}

function used(store) {
  latestStore = store;
  const invocation = invocations.getStore();
  if (invocation) invocation.store = store;
}

function storeInUse(invocation) {
  return invocation.store || latestStore;
}

module.exports = { fencing, record, run, storeInUse, used };
