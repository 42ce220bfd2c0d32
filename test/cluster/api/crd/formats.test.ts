import { describe, expect, it } from 'vitest'
import { formatHolds } from '../../../../src-main/cluster/api/crd/formats.js'

/** Of the texts those that have the format. */
const holding = (format: string, texts: readonly string[]): string[] => texts.filter((text) => formatHolds(format, text))

describe('a format of texts in custom resources', () => {
  it.each<[format: string, held: readonly string[], refused: readonly string[]]>([
    ['bsonobjectid', ['507f1f77bcf86cd799439011', '507F1F77BCF86CD799439011'], ['507f1f77bcf86cd79943901', '507f1f77bcf86cd79943901g', '']],
    ['byte', ['ZWxpemFiZXRocG9zZXk=', 'AAAA'], ['ZWxpemFiZXRocG9zZXk', 'a-_b', '']],
    ['cidr', ['192.0.2.1/24', '192.0.02.1/24', '2001:db8:a0b:12f0::1/32'], ['198.168.254.2', '2001:db8::1', '10.0.0.0/33', '10.0.0.0/']],
    ['creditcard', ['4111-1111-1111-1111', '4012888888881881', '3782 822463 10005'], ['9999-9999-9999-999', '4111-1111-1111-1112', '']],
    ['date', ['2026-11-21', '2024-02-29'], ['2026-02-29', '2026-1-1', '21-11-2026', '2026-11-21T00:00:00Z']],
    [
      'date-time',
      ['2026-11-21T09:00:00Z', '2026-11-21t09:00:00.5+01:00'],
      ['2026-11-21 09:00:00Z', '2026-11-21T09:00:00', '2026-11-21T24:00:00Z'],
    ],
    ['datetime', ['2014-12-15T19:30:20.000Z'], ['2014-12-15T19:30:60Z', '2014-12-15T19:30:20+0100', '']],
    ['duration', ['22 ns', '1h30m', '-1.5h', '.5s', '0', '1 day', '3 Weeks 2 hrs', '2d'], ['1', 'day', '1.5 days', '5 moons', '']],
    [
      'email',
      [
        'blah@gmail.com',
        'root@localhost',
        '" "@example.com',
        '"Abc\\@def"@example.com',
        "Miles.O'Brian@example.com",
        'Fred <f@x.org>',
        'i@☁→❄.ws',
      ],
      ['somebody@somewhere@com', 'nobody', '@example.com', '.a@b.c', 'a..b@c.d', 'a@b.', 'a b@c.d', ''],
    ],
    ['hexcolor', ['#FFFFFF', '000', '#1aF'], ['#fffffffz', '#ffff', '##fff', '']],
    [
      'hostname',
      [
        'somewhere.com',
        '888.com',
        'x',
        'x-y',
        '1.2.3.com',
        'xn--bcher-kva.example.com',
        'www.詹姆斯.london',
        'ex$ample',
        '<foo>',
        'a'.repeat(63),
      ],
      ['1.1.1.1', 'www.example-.org', '-www', 'www-', 'a.b.c.d', 'x.', 'www.ex_ample.org', 'user@email.domain', 'a'.repeat(64), ''],
    ],
    ['ipv4', ['127.0.0.1', '192.168.1.01', '::ffff:10.0.0.1'], ['198.168.254.2.2', '::1', '1.2.3', '']],
    ['ipv6', ['::1', '2001:db8::', '::ffff:10.0.0.1'], ['127.0.0.1', 'fe80::1%eth0', ':::', '']],
    ['isbn', ['0321751043', '978-0321751041', '080442957X'], ['836217463', '0321751044', '978-0321751042', '']],
    ['isbn10', ['0321751043', '0-321-75104-3'], ['978-0321751041', '080442957x']],
    ['isbn13', ['978-0321751041', '978 0 321 75104 1'], ['0321751043', '978-0321751042']],
    ['k8s-short-name', ['a', '0-1', 'a'.repeat(63)], ['A', 'a.b', '-a', 'a'.repeat(64), '']],
    ['k8s-long-name', ['a', 'a.b', 'a'.repeat(253)], ['A', 'a..b', 'a.', 'a'.repeat(254), '']],
    [
      'mac',
      ['01:02:03:04:05:06', '01-02-03-04-05-06', '0102.0304.0506', '02:00:5e:10:00:00:00:01'],
      ['01:02:03:04:05', '01:02-03:04:05:06', ''],
    ],
    ['password', ['', 'anything'], []],
    ['quantity', ['10Gi', '1.5', '-100m', '1e3'], ['10 Gi', 'ten', '']],
    ['rgbcolor', ['rgb(0,0,0)', 'rgb( 255 , 9,10)'], ['rgb(300,0,0)', 'rgb(0,0)', 'rgba(0,0,0,0)', 'rgb(01,0,0)', '']],
    ['ssn', ['111-11-1111', '999 99 9999', '123456789'], ['999 99 999', '']],
    [
      'uri',
      ['http://somewhere.com', '/path', '/a b', 'mailto:me', 'https://u:p@h:8443/p?q=%zz', 'http://[::1]:80/', '*', 'x://'],
      ['somewhere.com', '', 'a/b', '?q', 'http://a b/', 'http://h:port/', '/%zz', ':x', '/tab\t'],
    ],
    ['uuid', ['f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'F81D4FAE7DEC11D0A76500A0C91E6BF6'], ['not-a-uuid', '']],
    ['uuid3', ['f81d4fae-7dec-31d0-a765-00a0c91e6bf6'], ['f81d4fae-7dec-41d0-a765-00a0c91e6bf6']],
    ['uuid4', ['f81d4fae-7dec-41d0-a765-00a0c91e6bf6'], ['f81d4fae-7dec-41d0-c765-00a0c91e6bf6']],
    ['uuid5', ['f81d4fae-7dec-51d0-b765-00a0c91e6bf6'], ['f81d4fae-7dec-51d0-7765-00a0c91e6bf6']],
  ])('%s', (format, held, refused) => {
    expect(holding(format, [...held, ...refused])).toEqual(held)
  })

  it('is the same with and without dashes in its name, and says nothing when nobody knows it', () => {
    expect(formatHolds('ipv-4', '10.0.0.1')).toBe(true)
    expect(formatHolds('semver', '1')).toBeUndefined()
    expect(formatHolds('constructor', '1')).toBeUndefined()
  })
})
