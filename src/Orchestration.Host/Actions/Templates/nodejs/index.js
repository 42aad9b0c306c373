// Greets somebody, and keeps the greeting in the object store.
'use strict';

const fs = require('fs');
const { ObjectStore, action, fromEnvironment } = require('object_store');

const bucket = 'greetings';

async function main(args) {
  const { name } = args;
  if (typeof name !== 'string' || !name) {
    return { error: { code: 'BadInput', message: `'name' takes a text, and is ${JSON.stringify(name)}.`, meta: null } };
  }
  console.log('greeting', name);

  const objects = new ObjectStore(fromEnvironment(), [bucket]);
  // The local file greetings/NAME.txt becomes the object greetings/NAME.txt.
  const file = `${name}.txt`;
  fs.mkdirSync(bucket, { recursive: true });
  fs.writeFileSync(`${bucket}/${file}`, `Hello, ${name}!`);
  await objects.put(args.context, bucket, file);

  // A missing object throws NoSuchKey: the orchestrator then runs the action again that made it, and this one afterwards.
  await objects.get(args.context, bucket, file);
  return { greeting: fs.readFileSync(`${bucket}/${file}`, 'utf8'), object: `${bucket}/${file}` };
}

// Turns an exception into the reply {error: {code, message, meta}}, and tells the orchestrator what was read and written.
exports.main = action(main);
