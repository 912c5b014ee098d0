package asl

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const formatFunction = "States.Format"

// Limits of the intrinsic functions, as on AWS.
const (
	rangeLimit  = 1000  // elements of States.ArrayRange
	stringLimit = 10000 // characters hashed, or put in or taken out of base64
)

// An intrinsic is a function of the language and how many arguments it takes; most -1 is any number.
type intrinsic struct {
	least, most int
	apply       func(s *scope, args []any) (any, error)
}

var intrinsics = map[string]intrinsic{
	formatFunction:          {1, -1, format},
	"States.StringToJson":   {1, 1, stringToJSON},
	"States.JsonToString":   {1, 1, jsonToString},
	"States.Array":          {0, -1, func(_ *scope, args []any) (any, error) { return args, nil }},
	"States.ArrayPartition": {2, 2, arrayPartition},
	"States.ArrayContains":  {2, 2, arrayContains},
	"States.ArrayRange":     {3, 3, arrayRange},
	"States.ArrayGetItem":   {2, 2, arrayGetItem},
	"States.ArrayLength":    {1, 1, arrayLength},
	"States.ArrayUnique":    {1, 1, arrayUnique},
	"States.Base64Encode":   {1, 1, base64Encode},
	"States.Base64Decode":   {1, 1, base64Decode},
	"States.Hash":           {2, 2, hash},
	"States.JsonMerge":      {3, 3, jsonMerge},
	"States.MathRandom":     {2, 3, mathRandom},
	"States.MathAdd":        {2, 2, mathAdd},
	"States.StringSplit":    {2, 2, stringSplit},
	"States.UUID":           {0, 0, uuid},
}

func textArgument(args []any, i int) (string, error) {
	text, ok := args[i].(string)
	if !ok {
		return "", fmt.Errorf("argument %d must be a string", i+1)
	}
	return text, nil
}

func listArgument(args []any, i int) ([]any, error) {
	list, ok := args[i].([]any)
	if !ok {
		return nil, fmt.Errorf("argument %d must be an array", i+1)
	}
	return list, nil
}

func integerArgument(args []any, i int) (int64, error) {
	n, ok := integer(args[i])
	if !ok {
		return 0, fmt.Errorf("argument %d must be a whole number", i+1)
	}
	return n, nil
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// format fills each {} of the template with the next argument: strings as they are, all else as JSON.
func format(_ *scope, args []any) (any, error) {
	template, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	args = args[1:]
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		switch {
		case template[i] == '\\' && i+1 < len(template):
			i++
			b.WriteByte(template[i])
		case strings.HasPrefix(template[i:], "{}"):
			i++
			if len(args) == 0 {
				return nil, errors.New("there are more {} than arguments")
			}
			if text, ok := args[0].(string); ok {
				b.WriteString(text)
			} else {
				b.Write(encode(args[0]))
			}
			args = args[1:]
		default:
			b.WriteByte(template[i])
		}
	}
	if len(args) > 0 {
		return nil, errors.New("there are more arguments than {}")
	}
	return b.String(), nil
}

func stringToJSON(_ *scope, args []any) (any, error) {
	text, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	v, err := decode([]byte(text))
	if err != nil {
		return nil, errors.New("the argument is not JSON")
	}
	return v, nil
}

func jsonToString(_ *scope, args []any) (any, error) { return string(encode(args[0])), nil }

func arrayPartition(_ *scope, args []any) (any, error) {
	list, err := listArgument(args, 0)
	if err != nil {
		return nil, err
	}
	size, err := integerArgument(args, 1)
	if err != nil || size < 1 {
		return nil, errors.New("the size of the parts must be a whole number above 0")
	}
	parts := []any{}
	for part := range slices.Chunk(list, int(min(size, int64(len(list)+1)))) {
		parts = append(parts, part)
	}
	return parts, nil
}

func contains(list []any, v any) bool {
	return slices.ContainsFunc(list, func(one any) bool { return equal(one, v) })
}

func arrayContains(_ *scope, args []any) (any, error) {
	list, err := listArgument(args, 0)
	if err != nil {
		return nil, err
	}
	return contains(list, args[1]), nil
}

func arrayRange(_ *scope, args []any) (any, error) {
	var n [3]int64
	for i := range n {
		var err error
		if n[i], err = integerArgument(args, i); err != nil {
			return nil, err
		}
	}
	first, last, step := n[0], n[1], n[2]
	if step == 0 {
		return nil, errors.New("the step must not be 0")
	}
	list := []any{}
	for i := first; step > 0 && i <= last || step < 0 && i >= last; {
		if len(list) == rangeLimit {
			return nil, fmt.Errorf("more than %d elements", rangeLimit)
		}
		list = append(list, number(i))
		next := i + step
		if (next > i) != (step > 0) {
			break
		}
		i = next
	}
	return list, nil
}

func arrayGetItem(_ *scope, args []any) (any, error) {
	list, err := listArgument(args, 0)
	if err != nil {
		return nil, err
	}
	i, err := integerArgument(args, 1)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= int64(len(list)) {
		return nil, errors.New("the index is outside of the array")
	}
	return list[i], nil
}

func arrayLength(_ *scope, args []any) (any, error) {
	list, err := listArgument(args, 0)
	if err != nil {
		return nil, err
	}
	return number(int64(len(list))), nil
}

func arrayUnique(_ *scope, args []any) (any, error) {
	list, err := listArgument(args, 0)
	if err != nil {
		return nil, err
	}
	unique := []any{}
	for _, v := range list {
		if !contains(unique, v) {
			unique = append(unique, v)
		}
	}
	return unique, nil
}

func limitedText(args []any, i int) (string, error) {
	text, err := textArgument(args, i)
	if err == nil && len(text) > stringLimit {
		err = fmt.Errorf("argument %d is longer than %d characters", i+1, stringLimit)
	}
	return text, err
}

func base64Encode(_ *scope, args []any) (any, error) {
	text, err := limitedText(args, 0)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString([]byte(text)), nil
}

func base64Decode(_ *scope, args []any) (any, error) {
	text, err := limitedText(args, 0)
	if err != nil {
		return nil, err
	}
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the argument is not base64")
	}
	return string(plain), nil
}

func hash(_ *scope, args []any) (any, error) {
	data, ok := args[0].(string)
	if !ok {
		data = string(encode(args[0]))
	}
	if len(data) > stringLimit {
		return nil, fmt.Errorf("argument 1 is longer than %d characters", stringLimit)
	}
	algorithm, err := textArgument(args, 1)
	if err != nil {
		return nil, err
	}
	var sum []byte
	switch algorithm {
	case "MD5":
		s := md5.Sum([]byte(data))
		sum = s[:]
	case "SHA-1":
		s := sha1.Sum([]byte(data))
		sum = s[:]
	case "SHA-256":
		s := sha256.Sum256([]byte(data))
		sum = s[:]
	case "SHA-384":
		s := sha512.Sum384([]byte(data))
		sum = s[:]
	case "SHA-512":
		s := sha512.Sum512([]byte(data))
		sum = s[:]
	default:
		return nil, fmt.Errorf("there is no algorithm %q", algorithm)
	}
	return hex.EncodeToString(sum), nil
}

// jsonMerge merges two objects, the second winning. Only the shallow mode exists on AWS.
func jsonMerge(_ *scope, args []any) (any, error) {
	first, ok1 := args[0].(map[string]any)
	second, ok2 := args[1].(map[string]any)
	if !ok1 || !ok2 {
		return nil, errors.New("arguments 1 and 2 must be objects")
	}
	if args[2] != false {
		return nil, errors.New("argument 3 must be false: there is no deep merging")
	}
	merged := maps.Clone(first)
	maps.Copy(merged, second)
	return merged, nil
}

// mathRandom draws from start up to, and without, end. A third argument seeds the generator.
func mathRandom(s *scope, args []any) (any, error) {
	start, err := integerArgument(args, 0)
	if err != nil {
		return nil, err
	}
	end, err := integerArgument(args, 1)
	if err != nil {
		return nil, err
	}
	if end <= start || end-start <= 0 {
		return nil, errors.New("the end must be above the start")
	}
	var source *rand.Rand
	if len(args) == 3 {
		seed, err := integerArgument(args, 2)
		if err != nil {
			return nil, err
		}
		source = rand.New(rand.NewPCG(uint64(seed), 0))
	} else {
		source = s.random()
	}
	return number(start + source.Int64N(end-start)), nil
}

func mathAdd(_ *scope, args []any) (any, error) {
	a, err := integerArgument(args, 0)
	if err != nil {
		return nil, err
	}
	b, err := integerArgument(args, 1)
	if err != nil {
		return nil, err
	}
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		return nil, errors.New("the sum is too large")
	}
	return number(sum), nil
}

// stringSplit splits at every character of the second argument; pieces may be empty.
func stringSplit(_ *scope, args []any) (any, error) {
	text, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	delimiters, err := textArgument(args, 1)
	if err != nil {
		return nil, err
	}
	pieces := []any{}
	for {
		i := strings.IndexAny(text, delimiters)
		if i < 0 {
			return append(pieces, text), nil
		}
		pieces = append(pieces, text[:i])
		_, size := utf8.DecodeRuneInString(text[i:])
		text = text[i+size:]
	}
}

// uuid makes a random (version 4) UUID.
func uuid(s *scope, _ []any) (any, error) {
	r := s.random()
	high, low := r.Uint64(), r.Uint64()
	high = high&^0xf000 | 0x4000
	low = low&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x",
		high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1)), nil
}
