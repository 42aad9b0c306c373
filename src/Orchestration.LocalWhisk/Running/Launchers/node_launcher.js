// Runs one Node.js action for the local OpenWhisk: argv = socket path, token of this process.
//
// The socket carries frames, a four-byte big-endian length and that many bytes. To the server a frame begins with a letter:
// A initialised, I initialisation failed (JSON), R the action's result, X the run failed (both JSON). The server's frames are
// JSON. stdout and stderr belong to the action; after each run the end mark is written to both.
'use strict';
const fs = require('fs');
const Module = require('module');
const net = require('net');
const path = require('path');

const [socketPath, token] = process.argv.splice(2);
const folder = process.cwd();
const channel = net.connect(socketPath);
let received = [];
let receivedBytes = 0;
let handler = null;
let mark = '';

function send(letter, text) {
    const payload = Buffer.from(letter + text, 'utf8');
    const header = Buffer.alloc(4);
    header.writeUInt32BE(payload.length);
    channel.write(Buffer.concat([header, payload]));
}

function endWithChildren() {
    // The server is gone: nobody waits for this process or for what it started.
    try {
        process.kill(-process.pid, 'SIGKILL');
    } catch {
        process.exit(0);
    }
}

function follow(value, names) {
    return names.reduce((current, name) => (current == null ? undefined : current[name]), value);
}

function loadText(main) {
    const file = path.join(folder, 'index.js');
    const names = main.split('.');
    const module = new Module(file, null);
    module.filename = file;
    module.paths = Module._nodeModulePaths(folder);
    // The entry point is a plain function in the file, which only code inside the file can see.
    const expose = names.every(name => /^[A-Za-z_$][\w$]*$/.test(name))
        ? `\n;module.__entry = () => { try { return ${main}; } catch { return undefined; } };`
        : '';
    module._compile(fs.readFileSync(file, 'utf8') + expose, file);
    const local = module.__entry ? module.__entry() : undefined;
    if (typeof local === 'function') return local;
    return follow(module.exports, names);
}

function loadFolder(main) {
    if (!fs.existsSync(path.join(folder, 'package.json')) && !fs.existsSync(path.join(folder, 'index.js'))) {
        throw new Error('Zipped actions must contain either package.json or index.js at the root.');
    }
    const names = main.split('.');
    const exported = follow(require(folder), names);
    if (typeof exported === 'function' || names.length === 1) return exported;
    return follow(require(path.join(folder, names[0])), names.slice(1));
}

function initialise(request) {
    Object.assign(process.env, request.env);
    mark = request.mark;
    try {
        handler = request.binary ? loadFolder(request.main) : loadText(request.main);
        if (typeof handler !== 'function') {
            throw new Error(`Action entrypoint '${request.main}' is not a function.`);
        }
        send('A', '');
    } catch (error) {
        console.error(error instanceof Error ? error.stack : error);
        send('I', JSON.stringify({ error: `Initialization has failed due to: ${error}` }));
    }
}

function describeRejection(error) {
    if (error === undefined || error === null || error === false || error === '') return {};
    if (!(error instanceof Error)) return error;
    return { name: error.name, message: error.message, stack: error.stack, ...error };
}

function finish(letter, text) {
    process.stdout.write(mark);
    process.stderr.write(mark);
    send(letter, text);
}

function finishFailed(error) {
    console.error(error instanceof Error ? error.stack : error);
    finish('X', JSON.stringify({ error: `An error has occurred: ${error}` }));
}

function finishWith(result) {
    if (result === undefined) result = {};
    if (typeof result !== 'object') {
        finish('X', JSON.stringify({ error: 'The action did not return a dictionary.' }));
        return;
    }
    let text;
    try {
        text = JSON.stringify(result);
    } catch (error) {
        finishFailed(error);
        return;
    }
    finish('R', text === undefined ? 'null' : text);
}

function run(request) {
    Object.assign(process.env, request.env);
    let result;
    try {
        result = handler(request.value);
    } catch (error) {
        finishFailed(error);
        return;
    }
    Promise.resolve(result).then(finishWith, error => finishWith({ error: describeRejection(error) }));
}

function takeFrame() {
    if (receivedBytes < 4) return null;
    if (received.length > 1) received = [Buffer.concat(received)];
    const length = received[0].readUInt32BE(0);
    if (receivedBytes < 4 + length) return null;
    const frame = received[0].subarray(4, 4 + length);
    received = [received[0].subarray(4 + length)];
    receivedBytes -= 4 + length;
    return JSON.parse(frame.toString('utf8'));
}

channel.on('connect', () => send('', token));
channel.on('data', chunk => {
    received.push(chunk);
    receivedBytes += chunk.length;
    for (let request = takeFrame(); request !== null; request = takeFrame()) {
        if (handler === null) initialise(request);
        else run(request);
    }
});
channel.on('error', endWithChildren);
channel.on('close', endWithChildren);
