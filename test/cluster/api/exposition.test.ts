import { expect, it } from 'vitest'
import { family, goFloat, Histogram, labelled } from '../../../src-main/cluster/api/exposition.js'

it.each([
  [0, '0'],
  [0.005, '0.005'],
  [0.00012, '0.00012'],
  [0.00001, '1e-05'],
  [999_999, '999999'],
  [1e6, '1e+06'],
  [1_048_576, '1.048576e+06'],
  [1_795_248_000.25, '1.79524800025e+09'],
  [-2.5e7, '-2.5e+07'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('%d is written %s, as Go writes it', (n, text) => expect(goFloat(n)).toBe(text))

it('labels stand in the order of their names, with quotes and lines escaped', () => {
  expect(labelled('a', 'gauge', 'Help.', [[{ z: 'say "x"\\', b: 'two\nlines' }, 1]], 1500.4)).toBe(
    '# HELP a Help.\n# TYPE a gauge\na{b="two\\nlines",z="say \\"x\\"\\\\"} 1 1500\n',
  )
})

it('a metric without values is left out', () => expect(family('a', 'counter', 'Help.', [])).toBe(''))

it('a histogram counts each value in all buckets that are wide enough', () => {
  const histogram = new Histogram('h', 'Help.', [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 2]) histogram.observe('', value)
  histogram.observe('a="b"', 1)
  expect(histogram.text().trimEnd().split('\n')).toEqual([
    '# HELP h Help.',
    '# TYPE h histogram',
    'h_bucket{le="0.1"} 2',
    'h_bucket{le="1"} 3',
    'h_bucket{le="+Inf"} 4',
    'h_sum 2.65',
    'h_count 4',
    'h_bucket{a="b",le="0.1"} 0',
    'h_bucket{a="b",le="1"} 1',
    'h_bucket{a="b",le="+Inf"} 1',
    'h_sum{a="b"} 1',
    'h_count{a="b"} 1',
  ])
})
