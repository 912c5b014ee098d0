package dynamo_test

import (
	"testing"
	"time"

	"beian/shared/filing/register"
	"beian/shared/process/exchange"
)

// oldDifferences: a difference with what the bureau has stays until it is erased, and its data key ends with it. One whose key is deleted already has
// nothing to import.
func oldDifferences(t *testing.T, d *fixture) {
	const link, copied, number, key = "99001", "copy", "京ICP备30000001号", "difference/COPY#99001#copy/京ICP备30000001号#"
	seen := d.now()
	one := exchange.Difference{Number: number, Kind: exchange.Conflict, SeenAt: seen, Filed: &register.Filing{MinistryID: "4001"}}
	if err := d.PutDifference(t.Context(), link, copied, one); err != nil {
		t.Fatal(err)
	}
	for _, row := range d.rows() {
		if row["sealed"] != nil && row["ttl"] != nil {
			t.Error("DynamoDB deletes the difference without its key")
		}
	}
	if old, err := d.OldDifferences(t.Context(), seen, 10); err != nil || len(old) != 0 {
		t.Errorf("old before their time: %v, %v", old, err)
	}
	old, err := d.OldDifferences(t.Context(), seen.Add(time.Second), 10)
	if err != nil || len(old) != 1 || !old[0].At.Equal(seen) {
		t.Fatalf("old: %v, %v", old, err)
	}
	if wrapped, err := d.keys.Key(t.Context(), key); err != nil || wrapped == nil {
		t.Fatalf("the key %q: %v", key, err)
	}
	if err := d.Encrypter.DeleteKey(t.Context(), key); err != nil { // the job died after that
		t.Fatal(err)
	}
	if got, known, err := d.OpenDifference(t.Context(), link, copied, number); err != nil || !known || got.Filed != nil {
		t.Errorf("without its key: %+v, known %t, %v", got, known, err)
	}
	for range 2 {
		if err := d.EraseDifference(t.Context(), old[0]); err != nil {
			t.Fatal(err)
		}
	}
	if _, known, err := d.OpenDifference(t.Context(), link, copied, number); err != nil || known {
		t.Errorf("erased: known %t, %v", known, err)
	}
	if old, err := d.OldDifferences(t.Context(), seen.Add(time.Second), 10); err != nil || len(old) != 0 {
		t.Errorf("erased and old: %v, %v", old, err)
	}
	if err := d.PutDifference(t.Context(), link, copied, one); err != nil {
		t.Fatal(err)
	}
	if old, err = d.OldDifferences(t.Context(), seen.Add(time.Second), 10); err != nil || len(old) != 1 {
		t.Fatalf("old: %v, %v", old, err)
	}
	if err := d.EraseDifference(t.Context(), old[0]); err != nil {
		t.Fatal(err)
	}
	if wrapped, err := d.keys.Key(t.Context(), key); err != nil || wrapped != nil {
		t.Errorf("the key is left: %t, %v", wrapped != nil, err)
	}
}
