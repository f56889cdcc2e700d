package cluster_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/siogen/siogen/internal/testredis"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/cluster"
	chat "github.com/siogen/siogen/testdata/golden/everything"
)

func TestOverRedis(t *testing.T) {
	r := testredis.Start(t)
	var servers []*chat.Server
	start := func(_ int, s *runtime.Server) { servers = append(servers, chat.NewServer(s)) }
	all := nodesOver(t, 2, func() cluster.PubSub { return r }, cluster.Options{}, runtime.ServerOptions{}, start)
	got := make(chan string, 10)
	for i, nd := range all {
		c := chat.NewClient(nd.url, clientOptions)
		c.SetAuth(chat.HandshakeAuth{Token: "x"})
		c.OnBasicEmit(func(_ context.Context, _ int, b string, c []byte) error {
			got <- fmt.Sprint(i, b, c)
			return nil
		})
		c.OnWithAck(func(context.Context, string) (int, error) { return i, nil })
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		ok(t, c.Connect(testContext(t)))
	}
	ok(t, servers[0].EmitBasicEmit(1, "binary", []byte("\r\n\x00\xff")))
	for range all {
		if e := receive(t, got, "the event"); e[1:] != "binary[13 10 0 255]" {
			t.Errorf("got %q", e)
		}
	}
	answers, err := servers[1].EmitWithAck(testContext(t), "?")
	if err != nil || len(answers) != 2 {
		t.Errorf("got %v, %v", answers, err)
	}
}
