using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Transports;

namespace OpenEim.Tests.Ipa;

/// <summary>The APDUs that carry ES10 messages (SGP.22 5.7.2), byte for byte.</summary>
public sealed class IsdrChannelTests
{
    private static readonly (string, string) Capability = ("80AA000005A903830107", "9000");
    private static readonly (string, string) Manage = ("0070000001", "019000");
    private static readonly (string, string) Select = ("01A4040010A0000005591010FFFFFFFF890000010000", "610A");
    private static readonly (string, string) Fci = ("01C000000A", "6F088404A0000005A5009000");

    [Fact]
    public void The_channel_is_opened_once_and_the_answer_is_fetched_by_GET_RESPONSE()
    {
        var card = new ScriptedCard(
            Capability, Manage, Select, Fci,
            ("81E2910003BF2E00", "6105"), ("01C0000005", "BF2E0280019000"), ("81E2910003BF2000", "6103"), ("01C0000003", "BF20009000"));
        var channel = new IsdrChannel(card);

        Assert.Equal("BF2E028001", Call(channel, "BF2E00"));
        Assert.Equal("BF2000", Call(channel, "BF2000"));
        Assert.True(card.IsDone);
    }

    [Fact]
    public void Six_C_gives_the_right_length_and_more_than_one_GET_RESPONSE_is_put_together()
    {
        var card = new ScriptedCard(
            ("80AA000005A903830107", "6D00"), ("0070000001", "029000"),
            ("02A4040010A0000005591010FFFFFFFF890000010000", "9000"),
            ("82E2910003BF2E00", "6104"), ("02C0000004", "6C03"), ("02C0000003", "BF2E026102"), ("02C0000002", "80019100"));
        var channel = new IsdrChannel(card);

        Assert.Equal("BF2E028001", Call(channel, "BF2E00"));
        Assert.True(channel.RefreshRequested);
        channel.Reset();
        Assert.False(channel.RefreshRequested);
        Assert.Equal(1, card.Resets);
    }

    [Fact]
    public void A_long_message_goes_in_blocks_of_255_bytes()
    {
        var message = new byte[256];
        new Random(1).NextBytes(message);
        var hex = Convert.ToHexString(message);
        var card = new ScriptedCard(
            Capability, Manage, Select, Fci, ("81E21100FF" + hex[..510], "9000"), ("81E2910101" + hex[510..], "9000"));

        Assert.Equal("", Call(new IsdrChannel(card), hex));
        Assert.True(card.IsDone);
    }

    [Fact]
    public void A_message_of_whole_blocks_ends_with_a_full_block()
    {
        var hex = new string('A', 2 * 510);
        var card = new ScriptedCard(
            Capability, Manage, Select, Fci, ("81E21100FF" + hex[..510], "9000"), ("81E29101FF" + hex[510..], "9000"));

        Assert.Equal("", Call(new IsdrChannel(card), hex));
    }

    [Fact]
    public void A_refusal_is_an_exception_with_its_status_word()
    {
        var card = new ScriptedCard(Capability, Manage, Select, Fci, ("81E2910003BF2E00", "6A80"));

        Assert.Equal(0x6A80, Assert.Throws<CardException>(() => Call(new IsdrChannel(card), "BF2E00")).StatusWord);
    }

    [Fact]
    public void A_card_without_an_ISDR_is_an_exception()
    {
        var card = new ScriptedCard(Capability, Manage, ("01A4040010A0000005591010FFFFFFFF890000010000", "6A82"));

        Assert.Equal(0x6A82, Assert.Throws<CardException>(() => Call(new IsdrChannel(card), "BF2E00")).StatusWord);
    }

    [Fact]
    public void A_reset_by_somebody_else_is_noticed_and_the_message_sent_again()
    {
        var card = new ScriptedCard(
            Capability, Manage, Select, Fci, ("81E2910003BF2E00", "9000"),
            ("81E2910003BF2E00", "6881"), Capability, Manage, Select, Fci, ("81E2910003BF2E00", "9000"));
        var channel = new IsdrChannel(card);

        Call(channel, "BF2E00");
        Call(channel, "BF2E00");

        Assert.True(card.IsDone);
    }

    [Fact]
    public void A_card_that_was_removed_is_opened_again_when_it_is_back()
    {
        var card = new ScriptedCard(
            Capability, Manage, Select, Fci, ("81E2910003BF2E00", "removed"), Capability, Manage, Select, Fci, ("81E2910003BF2E00", "9000"));
        var channel = new IsdrChannel(card);

        Assert.Throws<CardRemovedException>(() => Call(channel, "BF2E00"));
        Call(channel, "BF2E00");

        Assert.True(card.IsDone);
    }

    [Fact]
    public void Addresses_come_from_a_card_that_offers_them()
    {
        var offering = new ScriptedCard(
            Capability, Manage, Select, Fci, ("81E2910003BF3C00", "BF3C0880026470810264739000"));
        var without = new ScriptedCard(Capability, Manage, Select, Fci, ("81E2910003BF3C00", "6A88"));

        Assert.Equal(("dp", "ds"), new EuiccFunctions(new IsdrChannel(offering)).GetConfiguredAddresses());
        Assert.Equal((null, null), new EuiccFunctions(new IsdrChannel(without)).GetConfiguredAddresses());
    }

    [Fact]
    public void An_answer_that_is_not_the_one_asked_for_is_an_exception()
    {
        var card = new ScriptedCard(Capability, Manage, Select, Fci, ("81E2910006BF3E035C015A", "BF2E009000"));

        Assert.Throws<CardException>(() => new EuiccFunctions(new IsdrChannel(card)).GetEid());
    }

    private static string Call(IsdrChannel channel, string request) =>
        Convert.ToHexString(channel.Call(Convert.FromHexString(request)).Span);
}
