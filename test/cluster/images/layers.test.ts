import { expect, test } from 'vitest'
import { Machine } from './machine.js'

test('a container that changes a file of its image changes it for itself alone', async () => {
  const machine = new Machine()
  const first = await machine.run('nginx:1.25.3')
  await first.exec(
    'sh',
    '-c',
    'echo changed > /usr/share/nginx/html/index.html; echo "server { return 200 first; }" > /etc/nginx/conf.d/default.conf',
  )
  const second = await machine.run('nginx:1.25.3')
  expect((await second.get('/')).body).toContain('Welcome to nginx!')
  expect((await second.exec('nginx', '-t')).code).toBe(0)
  expect((await first.get('/')).body).toBe('changed\n')
})
