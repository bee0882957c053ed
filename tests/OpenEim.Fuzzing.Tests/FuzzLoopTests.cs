using OpenEim.Fuzzing.Mutation;
using OpenEim.Fuzzing.Running;
using OpenEim.Fuzzing.Targets;
using OpenEim.Fuzzing.Targets.Decoders;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Fuzzing.Tests;

/// <summary>The loop finds faults that are really there, and the same again with the same seed.</summary>
public sealed class FuzzLoopTests : IDisposable
{
    private static readonly byte[] Message = Convert.FromHexString("BF300380010A");
    private readonly string _folder = Directory.CreateTempSubdirectory("openeim-fuzz-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_decoder_that_lets_a_foreign_exception_out_is_a_finding_with_its_input_on_file()
    {
        var report = await RunAsync(new DecoderTarget<NotificationSentRequest>(
            "Foreign", InputKind.Ber, "", input => NotificationSent(input) is { SequenceNumber: < 0 } ? throw new FormatException("negative") : NotificationSent(input), m => m.Encode()));

        var file = Assert.Single(report.Findings);
        var input = await File.ReadAllBytesAsync(Path.Combine(_folder, file), TestContext.Current.CancellationToken);
        Assert.True(NotificationSent(input).SequenceNumber < 0);
    }

    [Fact]
    public async Task A_decoder_whose_encoding_does_not_decode_to_the_same_is_a_finding()
    {
        var report = await RunAsync(new DecoderTarget<NotificationSentRequest>(
            "Lossy", InputKind.Ber, "", NotificationSent, message => new NotificationSentRequest(message.SequenceNumber / 2).Encode()));

        Assert.Single(report.Findings);
    }

    [Fact]
    public async Task A_decoder_that_allocates_out_of_proportion_is_a_finding()
    {
        var report = await RunAsync(new DecoderTarget<int>("Greedy", InputKind.Ber, "", _ => new byte[16 * 1024 * 1024].Length, null));

        Assert.Single(report.Findings);
    }

    [Fact]
    public async Task A_sound_decoder_has_no_finding_and_takes_some_inputs_and_refuses_others()
    {
        var report = await RunAsync(new DecoderTarget<NotificationSentRequest>("Sound", InputKind.Ber, "", NotificationSent, message => message.Encode()));

        Assert.Empty(report.Findings);
        Assert.InRange(report.Accepted, 1, report.Executions - 1);
    }

    [Theory]
    [InlineData("Ber", "BF300380010A")]
    [InlineData("HexLines", "42463330303338303031304130410A")]
    [InlineData("Json", "7B2261223A5B312C2262225D7D")]
    [InlineData("Text", "31246162632458")]
    [InlineData("Request", "504F5354202F610A0A7B2261223A317D")]
    public void The_same_seed_makes_the_same_inputs_and_they_differ_from_where_they_come_from(string kindName, string hex)
    {
        var (kind, seed) = (Enum.Parse<InputKind>(kindName), Convert.FromHexString(hex));
        List<string> Make(int number) => [.. Enumerable.Range(0, 200).Select(i => Convert.ToHexString(Mutator.Mutate(kind, seed, seed, new Random(number + i))))];

        var first = Make(1);

        Assert.Equal(first, Make(1));
        Assert.NotEqual(first, Make(1_000));
        Assert.True(first.Distinct().Count() > 50, $"{first.Distinct().Count()} different inputs");
    }

    [Fact]
    public void Every_BER_seed_is_read_into_a_tree_and_written_back_byte_for_byte()
    {
        var corpus = Corpus.Find();
        var seeds = BerTargets.MessageTypes().SelectMany(type => corpus.Seeds(type.Name)).Select(File.ReadAllBytes).ToList();

        Assert.NotEmpty(seeds);
        Assert.All(seeds, seed => Assert.Equal(Convert.ToHexString(seed), Convert.ToHexString(BerNode.Write(BerNode.ReadAll(seed)!))));
    }

    private static NotificationSentRequest NotificationSent(byte[] input) => BerMessage.Decode<NotificationSentRequest>(input);

    private async Task<FuzzReport> RunAsync(FuzzTarget target)
    {
        var corpus = new Corpus(Path.Combine(_folder, "fuzz"));
        corpus.Add(target.Name, Message);
        return await new FuzzLoop(corpus, TextWriter.Null).RunAsync(target, TimeSpan.FromSeconds(2), 1, TestContext.Current.CancellationToken);
    }
}
