// The package, as somebody who installs it has it: packed, and installed from the tarball.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { built, playground, root } from '../build/paths.mjs'
import { settingsKeys } from '../build/settings-keys.mjs'

const folder = mkdtempSync(join(tmpdir(), 'fresh-images-'))
const run = (program, ...args) => execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const schema = JSON.parse(readFileSync(`${root}settings.schema.json`, 'utf8'))

let packed
let api

before(async () => {
  packed = JSON.parse(run('npm', 'pack', `${built}/npm`, '--json', '--loglevel=error'))[0]
  writeFileSync(join(folder, 'package.json'), '{"type": "module", "private": true}')
  run('npm', 'install', '--offline', '--no-audit', '--no-fund', '--loglevel=error', packed.filename)
  writeFileSync(join(folder, 'api.js'), "export * from 'fresh-images'")
  api = await import(join(folder, 'api.js'))
})
after(() => rmSync(folder, { recursive: true }))

const pod = (image, more = '') => `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: "${image}"${more}}]
`

test('the tarball holds what is needed and nothing else', () => {
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), [
    'LICENSE', 'README.md', 'THIRD-PARTY-LICENSES', 'api.js', 'bin.js', 'browser.js', 'fresh_images.js',
    'fresh_images_bg.wasm', 'fresh_images_cli.wasm', 'fresh_images_stale.js', 'fresh_images_stale_bg.wasm', 'index.d.ts',
    'node.js', 'package.json', 'stale-api.js', 'stale-browser.js', 'stale-node.js', 'stale.d.ts',
  ])
  const { name, version, dependencies } = JSON.parse(readFileSync(`${playground}npm/package.json`, 'utf8'))
  assert.equal(packed.id, `${name}@${version}`)
  assert.equal(dependencies, undefined)
  const licenses = readFileSync(join(folder, 'node_modules/fresh-images/THIRD-PARTY-LICENSES'), 'utf8')
  for (const crate of ['serde', 'serde_json', 'wasm-bindgen']) assert.match(licenses, new RegExp(`^${crate} \\d`, 'm'))
  assert.doesNotMatch(licenses, /^(fresh-images|wasm-bindgen-macro|proptest) /m)
})

test('the module tells nothing of the machine that it was built on', () => {
  for (const name of ['fresh_images_bg.wasm', 'fresh_images_stale_bg.wasm', 'fresh_images_cli.wasm']) {
    const module = readFileSync(join(folder, 'node_modules/fresh-images', name), 'latin1')
    for (const path of [process.env.HOME, root]) assert.ok(!module.includes(`${path.replace(/\/$/, '')}/`), path)
  }
})

/** What `npx fresh-images` does, with its exit code. */
function command(args, options = {}) {
  const { status, stdout, stderr } = spawnSync('npx', ['--offline', 'fresh-images', ...args], { cwd: folder, encoding: 'utf8', ...options })
  return { status, stdout, stderr }
}

test('npx finds a stale image in ten seconds', () => {
  writeFileSync(join(folder, 'web.yaml'), pod('nginx:1.25'))
  const start = performance.now()
  const { status, stdout, stderr } = command(['check', 'web.yaml'])
  const seconds = (performance.now() - start) / 1000
  console.log(`first finding: ${seconds.toFixed(1)} s`)
  assert.ok(seconds < 10, `${seconds} s`)
  assert.deepEqual([status, stderr], [1, ''])
  assert.match(stdout, /^REJECTED {3}web.yaml:1 {2}Pod web\n {4}web.yaml:5:35: container "web"/)
  assert.equal(command(['check', '-'], { input: pod('nginx:1.25', ', imagePullPolicy: Always') }).status, 0)
})

test('the command fixes files as the native one does', { skip: process.platform === 'win32' }, () => {
  const deploy = join(folder, 'deploy')
  mkdirSync(deploy)
  writeFileSync(join(folder, 'fix.yaml'), 'mutate: {to: pullAlways}')
  writeFileSync(join(deploy, 'web.yaml'), pod('nginx:1.25'), { mode: 0o640 })
  writeFileSync(join(deploy, 'locked.yaml'), pod('nginx:1.25'), { mode: 0o444 })
  symlinkSync('deploy/web.yaml', join(folder, 'link.yaml'))
  const fix = (...paths) => command(['check', '--fix', '--write', '--settings', 'fix.yaml', ...paths])
  assert.equal(fix('link.yaml').status, 0)
  assert.equal(readFileSync(join(deploy, 'web.yaml'), 'utf8'), pod('nginx:1.25', ', imagePullPolicy: Always'))
  assert.equal(statSync(join(deploy, 'web.yaml')).mode & 0o777, 0o640)
  assert.ok(lstatSync(join(folder, 'link.yaml')).isSymbolicLink())
  const { status, stdout } = fix('deploy/locked.yaml')
  assert.equal(status, 2)
  assert.match(stdout, /cannot be written: permission denied/)
  assert.deepEqual(readdirSync(deploy).sort(), ['locked.yaml', 'web.yaml'])
})

test('3,000 files in four seconds', () => {
  const many = join(folder, 'many')
  mkdirSync(many)
  for (let index = 0; index < 3000; index++) writeFileSync(join(many, `${index}.yaml`), pod(`nginx:${index}`))
  // The fastest of three, because the machine may have other work.
  let fastest = Infinity
  for (let run = 0; run < 3 && fastest >= 4; run++) {
    const start = performance.now()
    const { status, stdout } = command(['check', '--quiet', '--output', 'github', 'many'], { maxBuffer: 1 << 26 })
    fastest = Math.min(fastest, (performance.now() - start) / 1000)
    assert.equal(status, 1)
    assert.match(stdout, /\n3000 documents, 3000 images: 3000 rejected\n$/)
  }
  console.log(`3,000 files: ${fastest.toFixed(1)} s`)
  assert.ok(fastest < 4, `${fastest} s`)
})

test('the example of the README prints what it says', () => {
  const readme = readFileSync(`${playground}npm/README.md`, 'utf8')
  const [, example] = readme.match(/```js\n([^]*?)```/)
  const [, printed] = readme.match(/```text\n([^]*?)```/)
  writeFileSync(join(folder, 'example.mjs'), example)
  assert.equal(run('node', 'example.mjs'), printed)
  const [, calls] = readme.match(/```js\n(check\([^]*?)```/)
  const digest = `sha256:${'1'.repeat(64)}`
  const { fixed } = Function('check', 'manifests', 'digest', `return ${calls}`)(api.check, pod('nginx:1.25'), digest)
  assert.match(fixed, /image: "docker.io\/library\/nginx@sha256:1{64}"/)
})

test('a finding has all that the report of the command line has', () => {
  assert.deepEqual(api.check(pod('nginx:1.25')), {
    ok: false,
    version: 1,
    documents: [
      {
        file: 'manifests',
        line: 1,
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: null,
        name: 'web',
        accepted: false,
        fixed: false,
        images: 1,
        findings: [
          {
            code: 'mutable-image',
            path: 'spec.containers[0]',
            image: 'nginx:1.25',
            name: 'web',
            message:
              'container "web" at spec.containers[0]: image "nginx:1.25" can go stale: it has no digest and its pull policy defaults to IfNotPresent, so a node that holds this tag keeps running the old content. Set imagePullPolicy: Always, or pin the image as docker.io/library/nginx@sha256:… [mutable-image]',
            line: 5,
            column: 35,
            endLine: 5,
            endColumn: 47,
          },
        ],
        warnings: [],
      },
    ],
    errors: [],
    summary: { documents: 1, images: 1, accepted: 0, fixed: 0, warned: 0, rejected: 1, unreadable: 0 },
    settings: [],
    fixed: null,
    unfixable: [],
  })
})

test('what is ok', () => {
  const good = pod('nginx:1.25', ', imagePullPolicy: Always')
  for (const [ok, manifests, settings] of [
    [true, good],
    [true, good, ''],
    [true, good, 'null'],
    [true, ''],
    [false, pod('nginx:1.25')],
    [true, pod('nginx:1.25'), { mutate: { to: 'pullAlways' } }],
    [true, pod('nginx:1.25'), { enforcement: 'warn' }],
    [true, pod('nginx:1.25'), 'require: none'],
    [true, pod('nginx:1.25'), '{"require": "none"}'],
    [true, pod('nginx:1.25'), 'apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\nspec: {settings: {require: none}}'],
    [false, good, 'require: nothing'],
    [false, good, '{'],
    [false, `${good}---\n[`],
  ]) {
    assert.equal(api.check(manifests, settings).ok, ok, JSON.stringify([manifests, settings]))
  }
})

test('text that cannot be read has its place, counted in characters', () => {
  const { errors } = api.check('# 🐳\n---\n🐳🐳: [a, }')
  assert.deepEqual(errors.map(({ line, column }) => [line, column]), [[3, 5]])
  const { settings, summary } = api.check(pod('nginx'), 'require: digest\ntags: {reject: latest}\nrequires: digest\n')
  assert.deepEqual(settings.map(({ line, column, message }) => [line, column, message]), [
    [2, 16, 'settings.tags.reject: expected a list, found a string'],
    [3, 11, 'settings.requires: unknown key; known keys are require, registries, tags, images, overrides, exempt, enforcement, onUpdate, mutate'],
  ])
  assert.equal(summary.documents, 0)
})

test('fixing keeps what it does not change, and says why it cannot', () => {
  const text = pod('nginx:1.25').replace('spec:', 'spec: # kept')
  const { fixed } = api.check(text, { mutate: { to: 'pullAlways' } })
  assert.equal(fixed, text.replace('25"}', '25", imagePullPolicy: Always}'))
  assert.equal(api.check(fixed, { mutate: { to: 'pullAlways' } }).fixed, null)
  const folded = pod('nginx:1.25', ', imagePullPolicy: "IfNot\\\n    Present"')
  const { unfixable, fixed: none } = api.check(folded, { mutate: { to: 'pullAlways' } })
  assert.equal(none, null)
  const message = 'cannot be fixed here: the value spans several lines; write it on one line'
  assert.deepEqual(unfixable, [{ file: 'manifests', line: 5, column: 66, message }])
})

test('what is no text is refused in words', () => {
  for (const [call, message] of [
    [() => api.check(undefined), 'manifests must be text'],
    [() => api.check({}), 'manifests must be text'],
    [() => api.check('', () => 1), 'settings must be text or a plain object'],
    [() => api.check('', {}, { digests: new Map() }), 'digests must be text or a plain object'],
    [() => api.check('', {}, { digests: { a: 1 } }), 'the digest of a must be text'],
    [() => api.evaluate(undefined), 'the payload must be text or a plain object'],
    [() => api.validateSettings(undefined), 'settings must be text or a plain object'],
  ]) {
    assert.throws(call, { name: 'TypeError', message })
  }
  assert.equal(api.check('', null, null).ok, true)
  const digests = { 'docker.io/library/nginx:1.25': `sha256:${'0'.repeat(64)}","x":"` }
  const { documents } = api.check(pod('nginx:1.25'), { mutate: { to: 'pinDigest', registries: ['docker.io'] } }, { digests })
  assert.equal(documents[0].findings[0].code, 'digest-unresolved')
})

test('what policy-server is answered', () => {
  const request = { operation: 'CREATE', kind: { kind: 'Pod' }, object: { spec: { containers: [{ name: 'web', image: 'nginx' }] } } }
  assert.deepEqual(api.evaluate({ request }), { accepted: true })
  const rejected = api.evaluate(JSON.stringify({ request, settings: { require: 'digest' } }))
  assert.equal(rejected.accepted, false)
  assert.match(rejected.message, /\[digest-required\]$/)
  const { mutated_object } = api.evaluate({ request, settings: { require: 'always', mutate: { to: 'pullAlways' } } })
  assert.equal(mutated_object, undefined, 'nginx is nginx:latest, which defaults to Always')
  assert.deepEqual(api.validateSettings({}), { valid: true })
  assert.deepEqual(api.validateSettings('{"require": "digests"}'), {
    valid: false,
    message: 'settings.require: unknown value "digests"; known values are digestOrAlways, digest, always, digestAndAlways, none',
  })
})

/** A value that a key of the settings may have, for each that it may have. */
function samples() {
  const found = [{}]
  const sampleOf = (holds, examples) => (holds === 'list' ? (examples ?? ['x']) : (examples?.[0] ?? 'a reason'))
  for (const [path, { values, holds, examples }] of Object.entries(settingsKeys(schema))) {
    if (holds === 'map' || holds === 'maps') continue
    const tried = values?.map(({ value }) => (value === 'true' || value === 'false' ? value === 'true' : value)) ?? [sampleOf(holds, examples)]
    for (const value of tried) found.push(sample(path, value))
  }
  return found
}

/** Settings with this value, and what has to be there with it. */
function sample(path, value) {
  const [top, key] = path.split(/\[\]\.|\./)
  if (!key) return { [top]: value }
  const beside = {
    exempt: { images: ['nginx'], reason: 'a reason' },
    overrides: { images: ['nginx'], require: 'none' },
    mutate: key === 'to' && value === 'pullAlways' ? {} : { to: 'pinDigest', registries: ['ghcr.io'] },
  }
  const holder = { ...beside[top], [key]: value }
  return { [top]: path.includes('[]') ? [holder] : holder }
}

test('the types know every setting, and refuse others', () => {
  for (const settings of samples()) {
    assert.deepEqual(api.validateSettings(settings), { valid: true }, JSON.stringify(settings))
  }
  const consumer = `import { stale, type Report } from 'fresh-images/stale'
import { check, evaluate, validateSettings, type Code, type Finding, type Result, type Settings } from 'fresh-images'

export const known: Settings[] = ${JSON.stringify(samples(), null, 1)}
const result: Result = check('', known[0], { digests: { 'docker.io/library/nginx:1.25': 'sha256:0' } })
export const ok: boolean = result.ok
const report: Report = stale('{}')
export const verdicts: string[] = report.findings.flatMap(({ verdict, details }) => [verdict, ...details])
// @ts-expect-error: it is text
stale({})
export const fixed: string | null = result.fixed
export const codes: (string | null)[] = result.documents.flatMap(({ findings }) => findings.map((it: Finding) => it.code))
export const code: Code = 'mutable-image'
export const rejected: number = result.summary.rejected + check('', 'require: digest').errors.length
export const accepted: boolean = evaluate({ request: {} }).accepted && validateSettings('{}').valid
// @ts-expect-error: no such value
check('', { require: 'digests' })
// @ts-expect-error: no such key
check('', { requires: 'digest' })
// @ts-expect-error: a reason is missing
check('', { exempt: [{ images: ['nginx'] }] })
// @ts-expect-error: only one of them
check('', { registries: { allow: ['ghcr.io'], reject: ['docker.io'] } })
// @ts-expect-error: registries are missing
check('', { mutate: { to: 'pinDigest' } })
// @ts-expect-error: may be null
export const length: number = result.fixed.length
// @ts-expect-error: no such code
export const none: Code = 'mutable'
`
  writeFileSync(join(folder, 'consumer.ts'), consumer)
  const tsc = `${playground}node_modules/typescript/bin/tsc`
  for (const resolution of ['nodenext', 'bundler']) {
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext'
    const said = (() => {
      try {
        return run('node', tsc, '--noEmit', '--strict', '--types', '', '--module', module, '--moduleResolution', resolution, '--target', 'es2022', 'consumer.ts')
      } catch (error) {
        return error.stdout
      }
    })()
    assert.equal(said, '', resolution)
  }
})

test('the types know every code of a finding', () => {
  const codes = readFileSync(`${root}README.md`, 'utf8')
    .split('Every rejection has a code:')[1]
    .split('\n## ')[0]
    .match(/^\| (`.*?`) \|/gm)
    .flatMap((row) => [...row.matchAll(/`(.*?)`/g)].map(([, code]) => code))
  const [, union] = readFileSync(`${playground}npm/index.d.ts`, 'utf8').match(/export type Code =\n((?: {2}\| '.*'\n)+)/)
  assert.deepEqual([...union.matchAll(/'(.*)'/g)].map(([, code]) => code).sort(), codes.sort())
})

test('what runs is what the command says of it without a registry', async () => {
  writeFileSync(join(folder, 'stale.js'), "export * from 'fresh-images/stale'")
  const { stale } = await import(join(folder, 'stale.js'))
  const cluster = readFileSync(`${playground}test/cluster.json`, 'utf8')
  const report = stale(cluster)
  const { status, stdout } = command(['stale', '--offline', '--output', 'json', '-'], { input: cluster })
  assert.equal(status, 1)
  assert.equal(report.ok, false)
  const same = ({ summary, details, ...finding }) => finding
  assert.deepEqual(report.findings.map(same), JSON.parse(stdout).findings)
  assert.deepEqual(report.summary, JSON.parse(stdout).summary)
  assert.deepEqual(report.findings.filter(({ verdict }) => verdict !== 'unchecked').map(({ code, name }) => `${name} ${code}`), [
    'api stale-on-node', 'web split-content',
  ])
  assert.match(report.findings[0].summary, /^container api with image harbor\.example\.com\/shop\/api:2 runs other content/)
  assert.throws(() => stale('{"kind": "Pod",'), { name: 'SyntaxError', message: /^invalid JSON: .* at line 1/ })
  assert.throws(() => stale({}), TypeError)
})

test('a runner of the corpus answers each line', () => {
  const lines = [
    { payload: '{"request": {"operation": "DELETE", "kind": {"kind": "Pod"}}}', settings: '{}' },
    { payload: '{', settings: '[]' },
  ]
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const output = execFileSync('node', [`${playground}test/corpus-runner.mjs`], { input, encoding: 'utf8' })
  const [first, second, ...rest] = output.trimEnd().split('\n').map((line) => JSON.parse(line))
  assert.deepEqual(first, { validate: { accepted: true }, settings: { valid: true } })
  assert.equal(second.validate.accepted, false)
  assert.deepEqual(second.settings, { valid: false, message: 'settings: expected an object, found a list' })
  assert.deepEqual(rest, [])
})
