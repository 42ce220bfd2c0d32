import { expect, test } from 'vitest'
import { checkPassword } from '../../../../src-main/cluster/runtime/images/ingress-nginx/htpasswd.js'

test.each([
  ['apr1', 'myPassword', '$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/'],
  ['apr1 of a long password', 'a longer password than sixteen', '$apr1$abcdefgh$O77Ykrgvmw5yySwDPdvTi1'],
  ['SHA', 'password', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
  ['plain text', 'password', '{PLAIN}password'],
])('a password in %s is known, another is not', (_, password, hash) => {
  expect(checkPassword(password, hash)).toBe(true)
  expect(checkPassword(`${password}!`, hash)).toBe(false)
})
