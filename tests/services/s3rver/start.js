// Starts an S3 server on loopback: node start.js PORT DIR. Port 0 takes a free one.
// Credentials S3RVER/S3RVER. Prints "listening PORT" and nothing else; ends with SIGTERM.
const crypto = require('crypto');
const S3rver = require('s3rver');

const [port, directory] = process.argv.slice(2);
if (!port || !directory) {
  console.error('usage: node start.js PORT DIR');
  process.exit(2);
}

const server = new S3rver({ address: '127.0.0.1', port: Number(port), directory, silent: true, vhostBuckets: false });

// s3rver enciphers its continuation tokens with DES, which OpenSSL 3 no longer has.
for (const method of ['createCipheriv', 'createDecipheriv']) {
  const original = crypto[method];
  crypto[method] = (algorithm, key, iv) =>
    algorithm === 'des' ? original('aes-128-cbc', Buffer.alloc(16, key), Buffer.alloc(16, iv)) : original(algorithm, key, iv);
}

const unescapeXml = (text) =>
  text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name]);

// s3rver answers lists in another XML namespace than S3 and MinIO do, and doesn't know encoding-type; the Minio client needs both.
server.middleware.unshift(async (context, next) => {
  await next();
  if (typeof context.body !== 'string') return;
  let body = context.body.replace('http://doc.s3.amazonaws.com/2006-03-01/', 'http://s3.amazonaws.com/doc/2006-03-01/');
  if (context.query['encoding-type'] === 'url')
    body = body.replace(/<Key>([^<]*)<\/Key>/g, (_, key) => `<Key>${encodeURIComponent(unescapeXml(key))}</Key>`);
  context.body = body;
});

server
  .run()
  .then((address) => console.log(`listening ${address.port}`))
  .catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
