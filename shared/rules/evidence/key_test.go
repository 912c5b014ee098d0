package evidence_test

import (
	"testing"

	"beian/shared/rules/evidence"
)

func TestObject(t *testing.T) {
	for _, slot := range []evidence.Slot{"subject-certificate-front", "sites/3/pre-approval/1/10"} {
		key := evidence.NewKey("01JCZK3V7M8N9P0Q1R2S3T4V5W", slot, december2019)
		o := key.Object("ab12")
		if o.Digest() != "ab12" || o.Order() != "01JCZK3V7M8N9P0Q1R2S3T4V5W" || o.Slot() != slot {
			t.Errorf("%s: digest %s, order %s, slot %s", o, o.Digest(), o.Order(), o.Slot())
		}
		if _, ok := evidence.ParseKey("01JCZK3V7M8N9P0Q1R2S3T4V5W", slot, string(o)); ok {
			t.Errorf("%s is taken for the key of an upload", o)
		}
		if read, ok := key.Slot(); !ok || read != slot {
			t.Errorf("%s: slot %s, %v", key, read, ok)
		}
		for _, other := range []evidence.Key{evidence.Key(o), evidence.Key(key.Inspected()), "x" + key, key + "/"} {
			if slot, ok := other.Slot(); ok {
				t.Errorf("%s is taken for an upload to %s", other, slot)
			}
		}
	}
	for _, other := range []evidence.Object{"", "orders/", "orders/x", "x-y"} { // whatever is signed in a link
		_, _, _ = other.Digest(), other.Order(), other.Slot()
		if slot, ok := evidence.Key(other).Slot(); ok {
			t.Errorf("%s is taken for an upload to %s", other, slot)
		}
	}
}
