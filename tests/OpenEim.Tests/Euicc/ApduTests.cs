using CsCheck;
using OpenEim.Device.Euicc;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>ISO/IEC 7816-4, ETSI TS 102 221: the card as a terminal sees it.</summary>
public sealed class ApduTests
{
    private const string Isdr = "A0000005591010FFFFFFFF8900000100";

    [Fact]
    public void The_answer_to_reset_and_the_terminal_capability()
    {
        var bench = Make();
        Assert.Equal("3B9F96801FC78031E073FE211B664F45694D560100A8", Convert.ToHexString(bench.Card.Reset().Span));
        Assert.Equal("9000", bench.Terminal.Send("80AA000005A903830107"));
        Assert.Equal("9000", bench.Terminal.Send("80AA00000EA90C830107840100850103860103"));
        Assert.Equal("6A80", bench.Terminal.Send("80AA000002A903"));
        Assert.Equal("6E00", bench.Terminal.Send("00AA000005A903830107"));
    }

    [Fact]
    public void The_ISD_R_answers_its_selection_with_its_templates()
    {
        var terminal = Make().Terminal;
        Assert.Equal("6127", terminal.Send($"00A4040410{Isdr}"));
        Assert.Equal($"6F258410{Isdr}A5049F6501FFE0058203020500E104800206409000", terminal.Send("00C0000027"));
        Assert.Equal("9000", terminal.Send($"00A4040C10{Isdr}"));
        Assert.Equal("6A82", terminal.Send("00A4040007A0000000871002"));
        Assert.Equal("6A86", terminal.Send("00A40000023F00"));
        Assert.Equal("6E00", terminal.Send($"80A4040010{Isdr}"));
    }

    [Fact]
    public void The_ECASD_tells_the_EID_and_nothing_else()
    {
        const string ecasd = "A0000005591010FFFFFFFF8900000200";
        var terminal = Make().Terminal;
        Assert.Equal("6985", terminal.Send("00CA005A00"));
        Assert.Equal("6A88", terminal.Send("01CA005A00"));
        Assert.Equal("611A", terminal.Send($"00A4040010{ecasd}00"));
        Assert.Equal($"6F188410{ecasd}A5049F6501FF9000", terminal.Send("00C0000000"));
        Assert.Equal($"5A10{Eid}9000", terminal.Send("00CA005A00"));
        Assert.Equal($"5A10{Eid}9000", terminal.Send("80CA005A12"));
        Assert.Equal("6C12", terminal.Send("80CA005A10"));
        Assert.Equal("6A88", terminal.Send("80CA9F7F00"));

        // It has no ES10, and the ISD-R on the other channel goes on.
        Assert.Equal("6985", terminal.Send("80E2910003BF2E00"));
        Assert.Equal("6115", terminal.Send("81E2910006BF3E035C015A"));
        Assert.Equal("9000", terminal.Send($"00A4040C10{Isdr}"));
        Assert.Equal("6115", terminal.Send("80E2910006BF3E035C015A"));
    }

    [Theory]
    [InlineData("80AA000005A903830107")]
    [InlineData("80AA000005A90383010700")]
    [InlineData("80AA00000AA9088100820101830107")]
    public void Terminal_capability_is_taken_in_every_form(string command) => Assert.Equal("9000", Make().Terminal.Send(command));

    [Theory]
    [InlineData("BF3E035C015A")]
    [InlineData("BF3E045C025A4F")]
    [InlineData("BF3E00")]
    public void The_EID_is_told_to_whoever_asks_for_it_in_whatever_form(string request) =>
        Assert.Equal($"BF3E125A10{Eid}", Make().Terminal.Es10(request));

    [Fact]
    public void Channels_are_opened_used_and_closed()
    {
        var bench = Make();
        var terminal = bench.Terminal;
        bench.Card.Reset();
        Assert.Equal("6881", terminal.Send(Terminal.SelectIsdr));
        Assert.Equal("9000", terminal.Send("0070000100"));
        Assert.Equal("6A81", terminal.Send("0070000100"));
        Assert.Equal("029000", terminal.Send("0070000001"));
        for (var channel = 3; channel < 20; channel++)
        {
            Assert.Equal($"{channel:X2}9000", terminal.Send("0070000000"));
        }

        Assert.Equal("6A81", terminal.Send("0070000001"));

        // Channel 19: further interindustry class 4F, proprietary CF.
        Assert.Equal("6985", terminal.Send("CFE2910006BF3E035C015A"));
        Assert.StartsWith("61", terminal.Send($"4FA4040010{Isdr}"), StringComparison.Ordinal);
        Assert.Equal("6115", terminal.Send("CFE2910006BF3E035C015A"));
        Assert.Equal("BF3E125A10890490320000000000000000000000019000", terminal.Send("CFC0000015"));
        Assert.Equal("9000", terminal.Send("00708013"));
        Assert.Equal("6881", terminal.Send("CFE2910006BF3E035C015A"));
        Assert.Equal("6881", terminal.Send("00708013"));
        Assert.Equal("9000", terminal.Send("0070800200"));
        Assert.Equal("6A86", terminal.Send("00708000"));
        Assert.Equal("6A86", terminal.Send("00700014"));
        Assert.Equal("6A86", terminal.Send("00701000"));
        Assert.Equal("6C01", terminal.Send("0070000005"));
    }

    [Theory]
    [InlineData("", "6700")]
    [InlineData("81E291", "6700")]
    [InlineData("81E2910006BF3E035C01", "6700")] // Lc beyond the end
    [InlineData("81E2910006BF3E035C015A0000", "6700")] // two bytes behind the data
    [InlineData("81E29100000006BF3E035C015A", "6700")] // extended length
    [InlineData("81E29100", "6700")]
    [InlineData("81E2900006BF3E035C015A", "6A86")]
    [InlineData("81E2910106BF3E035C015A", "6A86")] // a block that is not the next one
    [InlineData("01E2910006BF3E035C015A", "6E00")]
    [InlineData("FFE2910006BF3E035C015A", "6E00")]
    [InlineData("A1E2910006BF3E035C015A", "6E00")]
    [InlineData("85E2910006BF3E035C015A", "6882")]
    [InlineData("91E2910006BF3E035C015A", "6884")]
    [InlineData("82E2910006BF3E035C015A", "6881")]
    [InlineData("80E2910006BF3E035C015A", "6985")] // nothing selected on the basic channel
    [InlineData("81F2910006BF3E035C015A", "6D00")]
    [InlineData("81E2910006BF3E035C015B", "6A80")]
    [InlineData("81E2910006BF3E045C015A", "6A80")]
    [InlineData("81E2910003BF6600", "6A88")] // a function that there is not
    [InlineData("80C0000010", "6985")]
    [InlineData("81C0010010", "6A86")]
    [InlineData("81C00000", "6700")]
    [InlineData("8170000001", "6E00")]
    public void What_is_wrong_with_a_command_is_told_by_the_status_word(string command, string expected) =>
        Assert.Equal(expected, Make().Terminal.Send(command));

    [Fact]
    public void Blocks_are_chained_in_order_and_a_block_0_starts_again()
    {
        var terminal = Make().Terminal;
        Assert.Equal("9000", terminal.Send("81E2110003BF3E03"));
        Assert.Equal("9000", terminal.Send("81E2110003BF3E03"));
        Assert.Equal("9000", terminal.Send("81E21101015C"));
        Assert.Equal("6115", terminal.Send("81E2910202015A"));
        Assert.Equal("9000", terminal.Send("81E2110003BF3E03"));
        Assert.Equal("6A86", terminal.Send("81E21102015C"));
        Assert.Equal("6A86", terminal.Send("81E29101035C015A"));
    }

    [Fact]
    public void A_command_that_never_ends_is_cut_off()
    {
        var terminal = Make().Terminal;
        var block = new string('0', 510);
        for (var number = 0; number < 128; number++)
        {
            Assert.Equal("9000", terminal.Send($"81E211{number:X2}FF{block}"));
        }

        Assert.Equal("6A84", terminal.Send($"81E21180FF{block}"));
        Assert.Equal("6115", terminal.Send("81E2910006BF3E035C015A"));
    }

    [Fact]
    public void GET_RESPONSE_fetches_exactly_what_is_there_in_chunks()
    {
        var bench = Make();
        var terminal = bench.Terminal;
        Assert.Equal("6115", terminal.Send("81E2910006BF3E035C015A"));
        Assert.Equal("6C15", terminal.Send("01C0000016"));
        Assert.Equal("BF3E6113", terminal.Send("01C0000002"));
        Assert.Equal("125A10890490320000000000000000000000019000", terminal.Send("81C0000000"));
        Assert.Equal("6985", terminal.Send("81C0000000"));

        // Another command drops the answer.
        Assert.Equal("6115", terminal.Send("81E2910006BF3E035C015A"));
        Assert.Equal("9000", terminal.Send("81AA000005A903830107"));
        Assert.Equal("6985", terminal.Send("81C0000015"));

        // The certificates do not fit 256 bytes.
        Assert.Equal("6100", terminal.Send("81E2910003BF5600"));
        var first = terminal.Send("81C0000000");
        Assert.Equal((256 + 2) * 2, first.Length);
        Assert.StartsWith("61", first[^4..], StringComparison.Ordinal);
    }

    [Fact]
    public void Random_commands_are_answered_and_change_nothing()
    {
        var memory = new VolatileEuiccMemory();
        var bench = Make(memory: memory);
        var header = Gen.Select(
            Gen.OneOf(Gen.OneOfConst<byte>(0x00, 0x01, 0x80, 0x81), Gen.Byte),
            Gen.OneOf(Gen.OneOfConst<byte>(0xE2, 0xC0, 0xA4, 0xAA), Gen.Byte.Where(ins => ins != 0x70)),
            Gen.OneOf(Gen.OneOfConst<byte>(0x00, 0x04, 0x11, 0x91), Gen.Byte),
            Gen.OneOf(Gen.OneOfConst<byte>(0x00, 0x01), Gen.Byte),
            (cla, ins, p1, p2) => new[] { cla, ins, p1, p2 });
        var wellFramed = Gen.Select(header, Gen.Byte.Array[1, 255], (start, data) => (byte[])[.. start, (byte)data.Length, .. data]);
        Gen.OneOf(wellFramed, Gen.Byte.Array[0, 40]).Sample(
            command =>
            {
                Assert.True(bench.Card.Transmit(command).Length is >= 2 and <= 258);
                Assert.Equal(1, memory.Writes);
            },
            iter: 20_000,
            threads: 1);
    }

    [Fact]
    public void Random_functions_are_answered_and_change_nothing()
    {
        var memory = new VolatileEuiccMemory();
        var bench = Make(memory: memory);
        bench.Run(new SetFallbackAttribute(C));
        var package = bench.Package(new EnableProfile(B, false), new SetDefaultDpAddress("x"));
        var eco = bench.Sign(new EuiccPackageSigned(EimId, Eid, 9, null, EuiccPackage.Of(new AddEim(bench.Association("new")))), bench.EuiccIdentity.Key);
        var before = memory.Writes;
        var seeds = Gen.OneOfConst(package, eco, Convert.FromHexString("BF2B05A003800101"), Convert.FromHexString("BF2D0FA0025C005C095A4F9F709091929594"));

        // Up to four bytes changed, then perhaps cut short; the first two bytes stay, so that each function is reached.
        var changes = Gen.Select(Gen.Int[2, 1000], Gen.Int[1, 255]).Array[1, 4];
        Gen.Select(seeds, changes, Gen.Int[0, 3], (seed, edits, cut) =>
        {
            var bytes = (byte[])seed.Clone();
            foreach (var (position, flip) in edits.DistinctBy(edit => edit.Item1 % seed.Length))
            {
                bytes[Math.Max(2, position % bytes.Length)] ^= (byte)flip;
            }

            return bytes[..^(cut == 3 ? bytes.Length / 3 : 0)];
        }).Where(bytes => !bytes.AsSpan().SequenceEqual(package)).Sample(
            request =>
            {
                var status = bench.Terminal.Store(request);
                Assert.True(status is "6A80" or "6A88" || status.StartsWith("61", StringComparison.Ordinal), status);
                Assert.Equal(before, memory.Writes);
            },
            iter: 10_000,
            threads: 1);
    }

    [Fact]
    public void Random_bytes_in_every_function_of_a_card_without_eim_never_throw()
    {
        var memory = new VolatileEuiccMemory();
        var bench = Make(memory: memory, withEim: false);
        var functions = Gen.OneOfConst<byte>(0x20, 0x22, 0x2B, 0x2D, 0x2E, 0x30, 0x3E, 0x43, 0x51, 0x55, 0x56, 0x57, 0x58, 0x5D, 0x5E);
        var tags = Gen.OneOfConst<byte>(0x30, 0xA0, 0x80, 0x81, 0x84, 0xA5, 0xA6, 0x5A, 0x5C, 0x02, 0x01, 0x03, 0x00);
        Gen.Select(functions, Gen.OneOf(tags, Gen.Byte).Array[0, 100], (function, data) => (byte[])[0xBF, function, (byte)data.Length, .. data]).Sample(
            request =>
            {
                var status = bench.Terminal.Store(request);
                Assert.True(status is "6A80" or "6A88" || status.StartsWith("61", StringComparison.Ordinal), status);
                Assert.Equal(1, memory.Writes);
            },
            iter: 20_000,
            threads: 1);
    }

    [Fact]
    public void A_key_that_is_no_key_in_AddInitialEim_is_refused()
    {
        // What follows the first TLV in A5 A0 is none.
        Assert.Equal("6A80", Make(withEim: false).Terminal.Store(Convert.FromHexString("BF5712A010300E800178830100A506A004020100FF")));
    }
}
