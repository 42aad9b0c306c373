// Starts an S3 server on loopback: node start.js PORT DIR. Port 0 takes a free one.
// Credentials S3RVER/S3RVER. Prints "listening PORT" and nothing else; ends with SIGTERM.
const S3rver = require('s3rver');

const [port, directory] = process.argv.slice(2);
if (!port || !directory) {
  console.error('usage: node start.js PORT DIR');
  process.exit(2);
}

new S3rver({ address: '127.0.0.1', port: Number(port), directory, silent: true, vhostBuckets: false })
  .run()
  .then((address) => console.log(`listening ${address.port}`))
  .catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
