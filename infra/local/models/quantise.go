package models

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Field numbers of onnx.proto, and numbers of element types.
const (
	modelGraph, modelMetadata = 7, 14

	metadataKey, metadataValue = 1, 2

	graphNode, graphInitializer = 1, 5

	nodeInput, nodeOutput, nodeName, nodeType, nodeAttribute = 1, 2, 3, 4, 5

	attributeName, attributeInt, attributeTensor, attributeKind = 1, 3, 5, 20

	tensorDims, tensorType, tensorFloats, tensorName, tensorRaw = 1, 2, 4, 8, 9

	kindInt, kindTensor = 2, 4

	typeFloat, typeInt8 = 1, 3
)

// levels are the limits of quantised weights: whole numbers from -limit to limit. Large tensors may have fewer levels, so that they compress better: many of their
// weights contribute to each value, and the errors of rounding cancel out. A model that is large for its task bears this, a small one does not.
type levels struct{ usual, large int }

// largeTensor is the number of weights of a large tensor.
const largeTensor = 100_000

// smallestQuantised is the number of weights below which a tensor is not changed: it weighs little and may be a bias or a normalisation.
const smallestQuantised = 1024

// quantise returns a model of ONNX whose large constants and initial tensors are 8-bit integers with one scale for each output channel, followed by nodes
// that multiply them. The runtime multiplies once, when it loads the model, so reading a picture takes as long as with the original. Only the
// rounding of the weights differs: by half a level of the channel at most.
func quantise(model []byte, most levels) ([]byte, error) {
	return rewrite(model, modelGraph, func(graph []byte) ([]byte, error) {
		var first, rest []byte // a node stands after those whose output it uses
		err := eachField(graph, func(f protoField) error {
			var nodes [][]byte
			var err error
			switch f.number {
			case graphNode:
				nodes, err = quantiseNode(f.content, most)
			case graphInitializer:
				nodes, err = quantiseInitializer(f.content, most)
			}
			if len(nodes) == 0 {
				rest = append(rest, f.whole...)
			}
			for _, n := range nodes {
				first = appendBytes(first, graphNode, n)
			}
			return err
		})
		return append(first, rest...), err
	})
}

// quantiseInitializer returns the nodes that replace a tensor of the graph; none if it stays.
func quantiseInitializer(tensor []byte, most levels) ([][]byte, error) {
	var name string
	err := eachField(tensor, func(f protoField) error {
		if f.number == tensorName {
			name = string(f.content)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return quantiseTensor(tensor, name, most)
}

// quantiseNode returns the nodes that replace a node; none if it stays, because it is no large constant.
func quantiseNode(node []byte, most levels) ([][]byte, error) {
	var kind, output string
	var tensor []byte
	err := eachField(node, func(f protoField) error {
		switch f.number {
		case nodeType:
			kind = string(f.content)
		case nodeOutput:
			output = string(f.content)
		case nodeAttribute:
			return eachField(f.content, func(a protoField) error {
				if a.number == attributeTensor {
					tensor = a.content
				}
				return nil
			})
		}
		return nil
	})
	if err != nil || kind != "Constant" || tensor == nil {
		return nil, err
	}
	return quantiseTensor(tensor, output, most)
}

// quantiseTensor returns the nodes that compute a large tensor as an output; none for a tensor that stays.
func quantiseTensor(tensor []byte, output string, most levels) ([][]byte, error) {
	dims, weights, err := floats(tensor)
	if err != nil || len(weights) < smallestQuantised || len(dims) < 2 {
		return nil, err
	}
	axis := 0 // of a convolution: its output channel comes first
	if len(dims) == 2 {
		axis = 1 // of a matrix: its column
	}
	limit := most.usual
	if len(weights) >= largeTensor {
		limit = most.large
	}
	whole, scales := quantiseChannels(weights, dims, axis, limit)
	scaleDims := make([]uint64, len(dims))
	for i := range scaleDims {
		scaleDims[i] = 1
	}
	scaleDims[axis] = dims[axis]
	return [][]byte{
		constantNode(output+".levels", tensorOf(dims, typeInt8, whole)),
		constantNode(output+".scales", tensorOf(scaleDims, typeFloat, scales)),
		nodeOf("Cast", []string{output + ".levels"}, output+".whole", intAttribute("to", typeFloat)),
		nodeOf("Mul", []string{output + ".whole", output + ".scales"}, output, nil),
	}, nil
}

// quantiseChannels returns the weights as multiples, from -limit to limit, of the scale of their channel.
func quantiseChannels(weights []float32, dims []uint64, axis, limit int) (whole, scales []byte) {
	inner := 1
	for _, d := range dims[axis+1:] {
		inner *= int(d)
	}
	channels := int(dims[axis])
	largest := make([]float64, channels)
	channel := func(i int) int { return i / inner % channels }
	for i, w := range weights {
		largest[channel(i)] = max(largest[channel(i)], math.Abs(float64(w)))
	}
	for i := range largest {
		if largest[i] == 0 {
			largest[i] = float64(limit)
		}
		scales = binary.LittleEndian.AppendUint32(scales, math.Float32bits(float32(largest[i]/float64(limit))))
	}
	whole = make([]byte, len(weights))
	for i, w := range weights {
		whole[i] = byte(int8(math.Round(float64(w) / largest[channel(i)] * float64(limit))))
	}
	return whole, scales
}

// floats returns the dimensions and the values of a tensor of floats; no values for a tensor of another type.
func floats(tensor []byte) (dims []uint64, values []float32, err error) {
	var kind uint64
	var raw []byte
	err = eachField(tensor, func(f protoField) error {
		switch f.number {
		case tensorDims:
			if f.content == nil {
				dims = append(dims, f.value)
			}
			for rest := f.content; len(rest) > 0; { // packed
				d, n := binary.Uvarint(rest)
				if n <= 0 {
					return errTruncated
				}
				dims, rest = append(dims, d), rest[n:]
			}
		case tensorType:
			kind = f.value
		case tensorRaw, tensorFloats:
			raw = f.content
		}
		return nil
	})
	if err != nil || kind != typeFloat {
		return dims, nil, err
	}
	count := uint64(1)
	for _, d := range dims {
		count *= d
	}
	if uint64(len(raw)) != 4*count {
		return nil, nil, fmt.Errorf("a tensor has %d bytes for %d floats", len(raw), count)
	}
	values = make([]float32, count)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return dims, values, nil
}

func tensorOf(dims []uint64, kind uint64, raw []byte) []byte {
	var t []byte
	for _, d := range dims {
		t = appendVarint(t, tensorDims, d)
	}
	return appendBytes(appendVarint(t, tensorType, kind), tensorRaw, raw)
}

func constantNode(output string, tensor []byte) []byte {
	a := appendBytes(nil, attributeName, []byte("value"))
	a = appendVarint(appendBytes(a, attributeTensor, tensor), attributeKind, kindTensor)
	return nodeOf("Constant", nil, output, a)
}

func intAttribute(name string, value uint64) []byte {
	a := appendVarint(appendBytes(nil, attributeName, []byte(name)), attributeInt, value)
	return appendVarint(a, attributeKind, kindInt)
}

func nodeOf(kind string, inputs []string, output string, attribute []byte) []byte {
	var n []byte
	for _, i := range inputs {
		n = appendBytes(n, nodeInput, []byte(i))
	}
	n = appendBytes(n, nodeOutput, []byte(output))
	n = appendBytes(n, nodeName, []byte(output))
	n = appendBytes(n, nodeType, []byte(kind))
	if attribute != nil {
		n = appendBytes(n, nodeAttribute, attribute)
	}
	return n
}

// metadataOf returns the value of a key of a model's metadata.
func metadataOf(model []byte, key string) ([]byte, error) {
	var found []byte
	err := eachField(model, func(f protoField) error {
		if f.number != modelMetadata {
			return nil
		}
		var name string
		var value []byte
		err := eachField(f.content, func(m protoField) error {
			switch m.number {
			case metadataKey:
				name = string(m.content)
			case metadataValue:
				value = m.content
			}
			return nil
		})
		if name == key {
			found = value
		}
		return err
	})
	if err == nil && found == nil {
		err = fmt.Errorf("the model has no metadata %q", key)
	}
	return found, err
}

// A protoField is one field of a message of Protocol Buffers.
type protoField struct {
	number  int
	value   uint64 // of a varint
	content []byte // of a field with a length
	whole   []byte // with its tag
}

var errTruncated = errors.New("the file is truncated or not an ONNX model")

// Wire types of Protocol Buffers.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

// eachField calls do for each field of a message, in order.
func eachField(message []byte, do func(protoField) error) error {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return errTruncated
		}
		f := protoField{number: int(tag >> 3)}
		switch tag & 7 {
		case wireVarint:
			value, m := binary.Uvarint(message[n:])
			if m <= 0 {
				return errTruncated
			}
			f.value, n = value, n+m
		case wire64:
			n += 8
		case wire32:
			n += 4
		case wireBytes:
			size, m := binary.Uvarint(message[n:])
			if m <= 0 || size > uint64(len(message)-n-m) {
				return errTruncated
			}
			n += m
			f.content = message[n : n+int(size) : n+int(size)]
			n += int(size)
		default:
			return fmt.Errorf("wire type %d: %w", tag&7, errTruncated)
		}
		if n > len(message) {
			return errTruncated
		}
		f.whole, message = message[:n], message[n:]
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

// rewrite returns a message with each field of a number replaced.
func rewrite(message []byte, number int, replace func([]byte) ([]byte, error)) ([]byte, error) {
	var out []byte
	err := eachField(message, func(f protoField) error {
		if f.number != number {
			out = append(out, f.whole...)
			return nil
		}
		content, err := replace(f.content)
		out = appendBytes(out, number, content)
		return err
	})
	return out, err
}

func appendVarint(to []byte, number int, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(to, uint64(number)<<3|wireVarint), value)
}

func appendBytes(to []byte, number int, content []byte) []byte {
	to = binary.AppendUvarint(to, uint64(number)<<3|wireBytes)
	return append(binary.AppendUvarint(to, uint64(len(content))), content...)
}
