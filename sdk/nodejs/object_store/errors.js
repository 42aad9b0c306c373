// What the object store throws; `action` turns it into an error reply.
'use strict';

class ObjectStoreError extends Error {
  constructor(code, message, key, cause) {
    super(message, cause ? { cause } : undefined);
    this.name = this.constructor.name;
    this.code = code;
    this.meta = key ? { key } : null;
  }
}

class NoSuchKey extends ObjectStoreError {
  constructor(key) {
    super('NoSuchKey', `The object '${key}' does not exist.`, key);
  }
}

class FencingTokenStale extends ObjectStoreError {
  constructor(key, number, latest) {
    super('FencingTokenStale', `'${key}' was written under the grant ${latest}, this action's is ${number}: its time to write is over.`, key);
  }
}

module.exports = { FencingTokenStale, NoSuchKey, ObjectStoreError };
