// Makes a function an action: takes away what is not for it, and completes its reply.
'use strict';

const tracking = require('./tracking');
const { ObjectStoreError } = require('./errors');

const RESERVED = '__orchestration';

// Bytes of JSON above which the report goes to the object store: a good reply must not become too large by it.
const LARGEST_INLINE = 256 * 1024;

function action(main) {
  return function wrapped(given) {
    const { [RESERVED]: request, ...args } = given || {};
    const asked = request !== null && typeof request === 'object';
    return tracking.run(asked ? request.fencing : [], async (invocation) => {
      let reply;
      try {
        reply = await main(args);
        if (reply === null || typeof reply !== 'object' || Array.isArray(reply)) throw new TypeError(`The action returned ${reply === null ? 'null' : typeof reply}; it must return an object.`);
      } catch (error) {
        console.error(error);
        reply = errorReply(error);
      }
      if (!asked) return reply;
      try {
        return await withReport(reply, args.context?.action_id, request.attempt, invocation);
      } catch (error) {
        console.error(error);
        // An error of the action's own says more. A result without its report would leave objects that nobody knows the producer of.
        return 'error' in reply ? { error: reply.error } : errorReply(error);
      }
    });
  };
}

function errorReply(error) {
  const known = error instanceof ObjectStoreError;
  return { error: { code: known ? error.code : error?.name || 'Error', message: error?.message || String(error), meta: known ? error.meta : null } };
}

async function withReport(reply, actionId, attempt, invocation) {
  const { reads, writes, missing } = invocation;
  const report = { v: 1, actionId, attempt, reads, writes, missing };
  if (!('error' in reply)) return { ...reply, [RESERVED]: await inlineOrStored(report, invocation) };
  let { error } = reply;
  if (error === null || typeof error !== 'object' || Array.isArray(error)) {
    if (reads.length + writes.length + missing.length === 0) return reply;
    error = { code: null, message: typeof error === 'string' ? error : JSON.stringify(error), meta: null };
  }
  return { error: { ...error, [RESERVED]: await inlineOrStored(report, invocation) } };
}

async function inlineOrStored(report, invocation) {
  const content = JSON.stringify(report);
  if (Buffer.byteLength(content) <= LARGEST_INLINE) return report;
  const store = tracking.storeInUse(invocation);
  const bucket = store.buckets[0] || [...report.writes, ...report.reads, ...report.missing][0].object.split('/')[0];
  const key = `.orchestration/${report.actionId}-${report.attempt}.json`;
  await store._putReport(bucket, key, content);
  return { v: 1, actionId: report.actionId, attempt: report.attempt, report: `${bucket}/${key}` };
}

module.exports = { action };
