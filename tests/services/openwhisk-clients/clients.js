// Sets the npm packages openwhisk and openwhisk-composer on an OpenWhisk and prints, as one JSON document, what they saw.
//   node clients.js APIHOST AUTH
'use strict'

const openwhisk = require('openwhisk')
const composer = require('openwhisk-composer')
const conductor = require('openwhisk-composer/client')

const [apihost, auth] = process.argv.slice(2)
// The composer's own client takes these from the environment alone.
Object.assign(process.env, { __OW_API_HOST: apihost, __OW_API_KEY: auth, __OW_NAMESPACE: '_', WSK_CONFIG_FILE: '/dev/null' })
const ow = openwhisk({ apihost, api_key: auth })

const inc = 'function main (args) { console.log("n is " + args.n); return { n: args.n + (args.by || 1) } }'
const result = (name, params) => ow.actions.invoke({ name, params, blocking: true, result: true })

// The record comes a moment after the result.
async function eventually (read) {
  for (let tries = 0; ; tries++) {
    try {
      return await read()
    } catch (error) {
      if (error.statusCode !== 404 || tries === 100) throw error
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}

async function actions () {
  await ow.actions.create({ name: 'npm-inc', action: inc, kind: 'nodejs:default' })
  const updated = await ow.actions.update({ name: 'npm-inc', action: inc, params: { by: 2 }, limits: { timeout: 30000 } })
  const blocking = await ow.actions.invoke({ name: 'npm-inc', params: { n: 1 }, blocking: true })
  const accepted = await ow.actions.invoke({ name: 'npm-inc', params: { n: 5 } })
  const record = await eventually(() => ow.activations.get({ name: accepted.activationId }))
  const logs = await ow.activations.logs({ name: accepted.activationId })
  const listed = await ow.activations.list({ name: 'npm-inc', limit: 10 })
  const deleted = await ow.actions.delete({ name: 'npm-inc' })
  const missing = await ow.actions.get({ name: 'npm-inc' }).catch(error => error.statusCode)
  return {
    version: updated.version,
    blocking: blocking.response.result.n,
    awaited: record.response.result.n,
    logged: logs.logs.map(line => line.split('stdout: ')[1]),
    listed: listed.some(a => a.activationId === accepted.activationId),
    deleted: deleted.name,
    missing
  }
}

async function failures () {
  await ow.actions.create({ name: 'npm-fails', action: 'function main () { return { error: { code: "E", message: "boom" } } }', kind: 'nodejs:default' })
  const error = await ow.actions.invoke({ name: 'npm-fails', blocking: true }).catch(e => e)
  return { status: error.statusCode, said: error.error.response.result.error.message }
}

async function packages () {
  await ow.packages.create({ name: 'npm-tools', package: { parameters: [{ key: 'by', value: 10 }] } })
  await ow.actions.create({ name: 'npm-tools/inc', action: inc, kind: 'nodejs:default' })
  await ow.packages.create({ name: 'npm-bound', package: { binding: { namespace: '_', name: 'npm-tools' }, parameters: [{ key: 'by', value: 100 }] } })
  const shown = await ow.packages.get({ name: 'npm-tools' })
  const listed = await ow.packages.list()
  return {
    actions: shown.actions.map(a => a.name),
    listed: listed.map(p => p.name).filter(n => n.startsWith('npm-')).sort(),
    result: (await result('npm-tools/inc', { n: 1 })).n,
    bound: (await result('npm-bound/inc', { n: 1 })).n
  }
}

async function sequences () {
  await ow.actions.create({ name: 'npm-twice', sequence: ['/_/npm-tools/inc', '/_/npm-tools/inc'] })
  const activation = await ow.actions.invoke({ name: 'npm-twice', params: { n: 1 }, blocking: true })
  return { result: activation.response.result.n, components: activation.logs.length }
}

async function compositions () {
  const composition = composer.sequence(
    'npm-tools/inc',
    composer.if(composer.action('npm-is-even', { action: function main (args) { return { value: args.n % 2 === 0, n: args.n } } }),
      composer.action('npm-even', { action: function main () { return { was: 'even' } } }),
      composer.action('npm-odd', { action: function main () { return { was: 'odd' } } })),
    composer.retain(composer.repeat(2, composer.literal({ m: 1 }))),
    composer.try('npm-fails', composer.action('npm-caught', { action: function main (args) { return { caught: args.error.message || args.error } } })))
  const client = conductor()
  await client.compositions.deploy(Object.assign({ name: 'npm-composed' }, composition.compile()), true)
  const activation = await ow.actions.invoke({ name: 'npm-composed', params: { n: 1 }, blocking: true })
  const conducted = activation.annotations.some(a => a.key === 'conductor' && a.value === true)
  return { result: activation.response.result, conducted, ran: activation.logs.length > 5 }
}

async function main () {
  const seen = {}
  for (const part of [actions, failures, packages, sequences, compositions]) seen[part.name] = await part()
  console.log(JSON.stringify(seen))
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
